import { jsonBody } from "@skyburst/core/protocol";
import type { Facts, Runtime, SessionKeys } from "@skyburst/core/protocol";
import type { Held } from "./held.ts";
import type { Incarnation } from "./incarnation.ts";

export interface HeartbeatOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly incarnation: Incarnation;
  readonly held: Held;
  /** Milliseconds. */
  readonly ttl: number;
}

/**
 * Gives a sign of life within a third of the TTL: a fact under each held chunk does, else a word of the worker's own. Apart
 * from the loop that works, one round of which may ask the store for many things, one after the other.
 */
export async function beat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { facts, runtime, ttl } = options;
  let last = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    await runtime.sleep(ttl / (facts.unsettled > 0 ? 60 : 6), signal);
    // What is not said now is said by the next beat: before a third is over.
    const due = runtime.monotonic() - ttl / 6;
    if (signal.aborted || last > due || !isDue(options, due)) continue;
    if (await say(options)) last = runtime.monotonic();
  }
}

function isDue({ facts, incarnation, held }: HeartbeatOptions, due: number): boolean {
  // An unanswered create may still land: until it is settled this worker must look as silent as it may be.
  if (facts.unsettled > 0 || !incarnation.lives) return false;
  return facts.lastFact < due || [...held.runs].some((run) => run.lastFact < due);
}

async function say({ facts, keys, incarnation, held }: HeartbeatOptions): Promise<boolean> {
  const runs = [...held.runs];
  const body = jsonBody({
    v: 1,
    held: runs.map(({ turn: { id } }) => `${id.s}.${id.i}.${id.t}.${id.e}`),
    running: runs.reduce((sum, run) => sum + run.assigned, 0),
    idle: runs.length === 0,
    usage: facts.usage,
  });
  return facts.put(keys.worker(incarnation.id), body).then(
    () => true,
    () => false,
  );
}
