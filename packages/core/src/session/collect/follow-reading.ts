import { SkyburstError } from "../../errors.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import type { Runtime } from "../../runtime.ts";
import type { OutcomeLines, Reading } from "./collector.ts";
import type { LedgerView } from "../ledger-view.ts";

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
  const { poll } = facts.store.pace;
  const longest = Math.min(Math.max(1000, poll[0] * 10), poll[1]);
  let shortest = poll[0];
  let last = runtime.monotonic();
  let followAt = last;
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
    if (options.ended() && reading.complete()) return;
    if (!found) {
      await options.hopeless();
      if (isSeldom(quiet)) await view.confirm();
    }
    await runtime.sleep(Math.min(shortest * 1.08 ** Math.min(quiet, 100), longest), signal);
  }
}

/** @throws {SkyburstError} `paused`. */
export function stopIfPaused({ paused }: Ledger): void {
  if (paused) throw new SkyburstError("paused", `The session is paused: ${paused.message}`);
}

/** Shortest time between two looks at the ledger, in milliseconds: there is less news in it than there are outcomes. */
const followInterval = 50;

/** 16, 32, 64, … looks in vain: what is looked for may be there no more. */
function isSeldom(quiet: number): boolean {
  return quiet >= 16 && (quiet & (quiet - 1)) === 0;
}
