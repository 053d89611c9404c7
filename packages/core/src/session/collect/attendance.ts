import { SkyburstError } from "../../errors.ts";
import type { Place } from "../place.ts";
import { mayLive, readPresence } from "../status/presence.ts";
import type { Presence } from "../status/presence.ts";

/**
 * Whether anybody is there who could bring what a reader waits for. It takes a whole TTL in which nobody was heard of to say no:
 * who was started a moment ago has not said anything yet.
 */
export class Attendance {
  readonly #place: Pick<Place, "facts" | "keys" | "runtime" | "view">;
  readonly #self: string | undefined;
  #lookAt: number;
  /** First look, of those in a row, that saw nobody. */
  #alone: number | undefined;

  /** @param self A client that does not count: the one that waits. */
  constructor(place: Pick<Place, "facts" | "keys" | "runtime" | "view">, self?: string) {
    this.#place = place;
    this.#self = self;
    this.#lookAt = place.runtime.monotonic() + this.#ttl / 2;
  }

  /** Something came: somebody is there. */
  heard(): void {
    this.#alone = undefined;
    this.#lookAt = this.#place.runtime.monotonic() + this.#ttl / 2;
  }

  /** @throws {SkyburstError} `workers` when nobody is there. */
  async check(): Promise<void> {
    const { runtime, view } = this.#place;
    const now = runtime.monotonic();
    if (now < this.#lookAt) return;
    this.#lookAt = now + this.#ttl / 2;
    if (await this.#anybody()) this.#alone = undefined;
    else if (this.#alone === undefined) this.#alone = now;
    else if (now - this.#alone >= this.#ttl)
      throw new SkyburstError(
        "workers",
        "Nobody works on the session: it has no supervisor and no worker. " +
          (view.current.submissions.some(({ ended }) => !ended)
            ? "It is open: `skyburst end` says that no more inputs come, `skyburst supervise` starts workers."
            : "`skyburst supervise` starts workers."),
        { retryable: true },
      );
  }

  get #ttl(): number {
    return this.#place.view.current.session.ttl;
  }

  async #anybody(): Promise<boolean> {
    const { facts, keys } = this.#place;
    const presence = await readPresence(facts, keys, this.#ttl);
    if (presence.supervisor?.alive === true && presence.supervisor.owner !== this.#self) return true;
    if (presence.clients.some((client) => client !== this.#self)) return true;
    if (presence.workers.length === 0) return false;
    return (
      presence.workers.some((worker) => mayLive(worker, presence, this.#ttl, 0)) || (await this.#anyNews(presence))
    );
  }

  /** Who leases and commits says nothing besides. */
  async #anyNews({ now }: Presence): Promise<boolean> {
    const { facts, keys } = this.#place;
    for (const prefix of [keys.leases, keys.dones, keys.parts]) {
      for await (const { entries } of facts.list(prefix))
        if (entries.some(({ modified }) => now - modified <= this.#ttl)) return true;
    }
    return false;
  }
}
