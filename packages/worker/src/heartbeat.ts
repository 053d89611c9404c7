import { jsonBody } from "@skyburst/core/protocol";
import type { Facts, Runtime, SessionKeys } from "@skyburst/core/protocol";
import type { Held } from "./held.ts";
import type { Incarnation } from "./incarnation.ts";
import type { WorkDone } from "./work-done.ts";

export interface HeartbeatOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly incarnation: Incarnation;
  readonly held: Held;
  readonly work: WorkDone;
  /** Milliseconds. */
  readonly ttl: number;
}

/**
 * Gives a sign of life after a third of the TTL: a fact under each held chunk does, else a word of the worker's own. A commit that
 * will come before half of the TTL is over is waited for, since it says the same. Apart from the loop that works, one round of which
 * may ask the store for many things, one after the other.
 */
export async function beat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { facts, runtime, incarnation, ttl } = options;
  let last = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const since = Math.max(last, silentSince(options));
    const wait = Math.max(
      since + ttl * (options.held.nothing ? idleSilence : silence) - runtime.monotonic(),
      untilCommit(options, since + ttl * longestSilence),
    );
    // An unanswered create may still land: until it is settled this worker must look as silent as it may be.
    const due = wait <= 0 && facts.unsettled === 0 && incarnation.lives;
    if (due && (await say(options))) last = runtime.monotonic();
    else await runtime.sleep(Math.max(wait, ttl / 60), signal);
  }
}

/** Silence before a word, in parts of the TTL: a third, and a moment more for the commit that is about to end it. */
const silence = 1 / 3 + 1 / 60;

/** The same of who holds nothing: it only tells those who wait as well that it is there, who ask for that behind more than a TTL. */
const idleSilence = 2 / 3;

/** The longest silence, in parts of the TTL: who was silent for longer than half of it is asked about, which costs others requests. */
const longestSilence = 1 / 2 - 1 / 30;

/** Milliseconds until the commit that will be a sign of life, if it comes before that time. */
function untilCommit({ held, runtime }: HeartbeatOptions, latest: number): number {
  const left = latest - runtime.monotonic();
  return held.runs.size > 0 && held.untilCommit() < left ? left : 0;
}

/** Since when nothing was written at all, or nothing under a chunk that is held. */
function silentSince({ facts, held }: HeartbeatOptions): number {
  return Math.min(facts.lastFact, ...[...held.runs].map(({ lastFact }) => lastFact));
}

async function say({ facts, keys, incarnation, held, work }: HeartbeatOptions): Promise<boolean> {
  const runs = [...held.runs];
  const body = jsonBody({
    v: 1,
    held: runs.map(({ turn: { id } }) => `${id.s}.${id.i}.${id.t}.${id.e}`),
    running: runs.reduce((sum, run) => sum + run.assigned, 0),
    idle: runs.length === 0,
    usage: facts.usage,
    work: work.words,
  });
  return facts.put(keys.worker(incarnation.id), body).then(
    () => true,
    () => false,
  );
}
