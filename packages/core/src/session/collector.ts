import type { Commit } from "../protocol/commit.ts";
import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { Chunk } from "../protocol/chunk.ts";
import type { Runtime } from "../runtime.ts";
import { SkyburstError } from "../errors.ts";
import type { LedgerView } from "./ledger-view.ts";
import { readAsFinished } from "./read-as-finished.ts";
import { readInOrder } from "./read-in-order.ts";

/** Outcome lines as commits hold them. The bytes are valid until the next lines are asked for: their memory is used again. */
export interface OutcomeLines {
  readonly lines: Uint8Array;
  readonly count: number;
  /** Some values are in blobs, and have to be fetched before a line is whole. */
  readonly blobs: boolean;
  /** Every line says `succeeded`. */
  readonly clean: boolean;
  readonly commit: Commit;
  readonly chunk: Chunk;
}

export interface CollectorOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly submission: string;
  /** In input order, or as they finish. */
  readonly ordered: boolean;
  /** Stops at the first gap instead of waiting. */
  readonly wait: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Rejects when nothing more can come, as when no worker can be started. */
  readonly failure?: (() => unknown) | undefined;
  /** Called for each chunk whose outcomes are all read. */
  readonly finished?: (() => void) | undefined;
}

/** A way of reading what is there. */
export interface Reading {
  /** Yields what came since the last look; returns whether anything did. `quiet`: looks in a row that found nothing. */
  look(quiet: number): AsyncGenerator<OutcomeLines, boolean>;
  /** Every outcome of the chunks that the ledger names was read. */
  complete(): boolean;
}

/**
 * Outcomes of one submission, each exactly once, until all are told. Never waits for ever: a paused session, and one that
 * no worker can be started for, end it with an error.
 */
export async function* collect(options: CollectorOptions): AsyncGenerator<OutcomeLines> {
  const { facts, view, runtime, signal } = options;
  const { poll } = facts.store.pace;
  const longest = Math.min(Math.max(1000, poll[0] * 10), poll[1]);
  let shortest = poll[0];
  let last = runtime.monotonic();
  let followAt = last;
  const reading = options.ordered ? readInOrder(options) : readAsFinished(options);
  for (let quiet = 0; ; quiet++) {
    signal?.throwIfAborted();
    const found = yield* reading.look(quiet);
    if (found) {
      quiet = 0;
      // Looks that come much closer than what they look for only take time from those who work.
      const now = runtime.monotonic();
      shortest = Math.min(Math.max(poll[0], (now - last) / 10), longest);
      last = now;
    } else if (runtime.monotonic() >= followAt) {
      await view.follow();
      followAt = runtime.monotonic() + followInterval;
    }
    // Behind the last outcome nothing comes: to look again would be a wait for nothing.
    if (view.submission(options.submission)?.ended && reading.complete()) return;
    if (!found) {
      if (!options.wait) return;
      stopIfHopeless(options);
      if (isSeldom(quiet)) await view.confirm();
    }
    await runtime.sleep(Math.min(shortest * 1.08 ** Math.min(quiet, 100), longest), signal);
  }
}

/** Shortest time between two looks at the ledger, in milliseconds: there is less news in it than there are outcomes. */
const followInterval = 50;

/** 16, 32, 64, … looks in vain: what is looked for may be there no more. */
function isSeldom(quiet: number): boolean {
  return quiet >= 16 && (quiet & (quiet - 1)) === 0;
}

function stopIfHopeless({ view, failure }: CollectorOptions): void {
  const { paused } = view.current;
  if (paused) throw new SkyburstError("paused", `The session is paused: ${paused.message}`);
  const failed = failure?.();
  if (failed !== undefined) throw failed;
}
