import { SkyburstError } from "../../errors.ts";
import type { Commit } from "../../protocol/commit.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Runtime } from "../../runtime.ts";
import { followReading, stopIfPaused } from "./follow-reading.ts";
import type { LedgerView } from "../ledger-view.ts";
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
  /** Rejects when nobody is there who could bring anything. */
  readonly attended?: (() => Promise<void>) | undefined;
  /** Called for each chunk whose outcomes are all read. */
  readonly finished?: (() => void) | undefined;
}

/** A way of reading what is there. */
export interface Reading {
  /** Yields what came since the last look; returns whether anything did. `quiet`: looks in a row that found nothing. */
  look(quiet: number): AsyncGenerator<OutcomeLines, boolean>;
  /** Every outcome of the chunks that the ledger names was read. */
  complete(): boolean;
  /** What is missing is all in one chunk. Default: nobody asks. */
  last?(): boolean;
}

/**
 * Outcomes of one submission, each exactly once, until all are told. Never waits for ever: a paused session, and one that
 * no worker can be started for, end it with an error.
 */
export function collect(options: CollectorOptions): AsyncGenerator<OutcomeLines> {
  const { view, submission, failure } = options;
  return followReading(options.ordered ? readInOrder(options) : readAsFinished(options), {
    ...options,
    ended: () => view.submission(submission)?.ended === true,
    async hopeless() {
      if (view.current.removed)
        throw new SkyburstError("session", "The session was removed: no more outcomes will come.");
      stopIfPaused(view.current);
      const failed = failure?.();
      if (failed !== undefined) throw failed;
      await options.attended?.();
    },
  });
}
