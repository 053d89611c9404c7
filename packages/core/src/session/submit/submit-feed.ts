import { until } from "./feed.ts";
import type { Feed } from "./feed.ts";
import type { Submitter } from "./submitter.ts";

export interface SubmitFeedOptions {
  readonly submitter: Submitter;
  /** The submitter was told what the submission runs. Inputs are read meanwhile. */
  readonly opened: Promise<void>;
  readonly feed: Feed;
  /** Stops the reading. */
  readonly signal: AbortSignal;
  /** What was read when the signal fired is submitted all the same, as the whole of it. */
  readonly goesOn: () => boolean;
  /** More may be added later, by whoever: the submission is not ended. */
  readonly staysOpen?: boolean | undefined;
  readonly submitted?: ((count: number) => void) | undefined;
  /** Resolves when more inputs may be submitted. */
  readonly room?: (() => Promise<void>) | undefined;
}

/** Submits inputs as they come, in as few entries as their coming allows. */
export async function submitFeed(options: SubmitFeedOptions): Promise<void> {
  const { submitter, opened, feed, signal, goesOn, submitted, room, staysOpen = false } = options;
  // Inputs are read while the bundler works; which of the two failed first is what the user is told.
  opened.catch(() => undefined);
  const { gather, gatherInputs = Number.POSITIVE_INFINITY } = feed;
  let written = 0;
  let inputs = 0;
  let entries = 0;
  let appending: Promise<void> = Promise.resolve();
  let busy = false;
  let failed: { readonly error: unknown } | undefined;
  const append = async () => {
    busy = true;
    try {
      // What was written meanwhile must not wait for the next input, which may be long in coming.
      do await submitter.append(false, false);
      while (submitter.pending);
    } catch (error) {
      failed = { error };
    } finally {
      busy = false;
    }
  };
  for await (const segment of until(feed.segments, signal)) {
    if (failed) throw failed.error;
    await submitter.write(segment);
    submitted?.(segment.count);
    written++;
    inputs += segment.count;
    if (written <= gather && inputs <= gatherInputs) continue;
    await opened;
    entries++;
    if (!busy) appending = append();
    await room?.();
  }
  if (signal.aborted && !goesOn()) return;
  await opened;
  await appending;
  if (failed) throw failed.error;
  if (!signal.aborted || goesOn()) await submitter.append(!staysOpen, entries === 0);
}
