import { mayLive } from "./presence.ts";
import type { Presence } from "./presence.ts";
import type { WorkerLife } from "./worker-lives.ts";

/** A worker that fell silent has lived until it was heard of last. */
export function endedLives(presence: Presence, news: number, ttl: number): readonly WorkerLife[] {
  return presence.lives.map((life) => ({
    ...life,
    gone: life.gone ?? (mayLive(life, presence, ttl, news) ? undefined : life.heard),
  }));
}
