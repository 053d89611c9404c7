import type { ClientRun } from "./client.ts";
import { isDoubtful } from "./scenario/doubts.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** Milliseconds: what a backend gives its workers that says nothing. */
const usual = 600_000;

/**
 * Nobody waits for ever for workers that never start: the session says so in time. Whoever submitted hears of it when the rest of the
 * submission is cancelled, which takes some requests for each of its chunks.
 */
export function checkStartTime(
  world: World,
  { firstBirth = Number.POSITIVE_INFINITY, gaveUpAt = Number.POSITIVE_INFINITY, paused }: Witness,
  opener: ClientRun,
): void {
  const { scenario } = world;
  const { startTimeout = usual, ttl, latency, client } = scenario;
  if (isDoubtful(scenario) || paused || client.ends !== "close" || !opener.process.alive) return;
  // It looks once a period, and asks the store once more before it gives up.
  const late = startTimeout * 1.02 + Math.min(15_000, ttl / 4) * 2 + latency * 100 + 5000;
  for (const { plan, n, endedAt = Number.POSITIVE_INFINITY } of opener.collected) {
    const { tasks, start, gap, follows, cancelAfter, breakAfter } = plan;
    const steers = gap > 0 || follows || cancelAfter !== undefined || breakAfter !== undefined;
    if (tasks === 0 || steers || scenario.acts.length > 0) continue;
    const waits = Math.min(firstBirth, gaveUpAt, endedAt) - start;
    if (waits > late) world.violated(`Submission ${n} waits ${Math.round(waits)} ms for workers of which none starts`);
  }
}
