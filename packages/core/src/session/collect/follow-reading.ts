import { SkyburstError } from "../../errors.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import type { Runtime } from "../../runtime.ts";
import type { OutcomeLines, Reading } from "./collector.ts";
import type { LedgerView } from "../ledger-view.ts";
import { followInterval, waitAfter, waitBehind, waitForLast } from "./look-pace.ts";

export interface FollowOptions {
  readonly facts: Facts;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  /** Looks again for what is not there yet; else it ends at the first gap. */
  readonly wait: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Nothing will be added to what the ledger names. */
  readonly ended: () => boolean;
  /** Rejects when nothing more can come. Asked after each look in vain. */
  readonly hopeless: () => Promise<void>;
}

/** Looks again and again, as often as things come, until all is told; without `wait`, once. */
export async function* followReading(reading: Reading, options: FollowOptions): AsyncGenerator<OutcomeLines> {
  const { facts, view, runtime, signal } = options;
  // As behind a look in vain: parts of the chunk at the gap are asked for. What comes later is somebody else's.
  if (!options.wait) return void (yield* reading.look(1));
  const { pace } = facts.store;
  let [shortest] = pace.poll;
  let last = runtime.monotonic();
  let followAt = last;
  let { looks } = view;
  for (let quiet = 0; ; quiet++) {
    signal?.throwIfAborted();
    let commits = 0;
    const found = yield* counted(reading.look(quiet), () => commits++);
    const now = runtime.monotonic();
    if (found) {
      quiet = 0;
      // Looks that come much closer than what they look for only take time from those who work.
      shortest = waitBehind(Math.max(1, commits), now - last, pace);
      last = now;
    } else if (now >= followAt || reading.complete()) {
      // A supervisor in this process looks as well. With all read that there is, what comes next stands in the ledger.
      if (view.looks === looks || reading.complete()) await view.follow();
      looks = view.looks;
      followAt = runtime.monotonic() + followInterval(pace);
    }
    // Behind the last outcome nothing comes: to look again would be a wait for nothing.
    if (options.ended() && reading.complete()) return;
    if (!found) {
      await options.hopeless();
      if (isSeldom(quiet)) await view.confirm();
    }
    const first = options.ended() && reading.last?.() === true ? waitForLast(shortest, pace) : shortest;
    await runtime.sleep(waitAfter(quiet, first, pace), signal);
  }
}

async function* counted(look: ReturnType<Reading["look"]>, count: () => void): AsyncGenerator<OutcomeLines, boolean> {
  try {
    for (;;) {
      const step = await look.next();
      if (step.done) return step.value;
      count();
      yield step.value;
    }
  } finally {
    // Whoever takes no more lets it end in the middle.
    await look.return(false);
  }
}

/** @throws {SkyburstError} `paused`. */
export function stopIfPaused({ paused }: Ledger): void {
  if (paused) throw new SkyburstError("paused", `The session is paused: ${paused.message}`);
}

/** 16, 32, 64, … looks in vain: what is looked for may be there no more. */
function isSeldom(quiet: number): boolean {
  return quiet >= 16 && (quiet & (quiet - 1)) === 0;
}
