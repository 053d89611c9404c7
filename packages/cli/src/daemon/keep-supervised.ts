import type { AttachedSession } from "@skyburst/core";
import { systemRuntime } from "@skyburst/core/protocol";
import type { FleetFlags, Stack } from "../stack.ts";
import { ensureSupervised } from "./ensure-supervised.ts";

/** Most time between two looks, in milliseconds. A supervisor that was killed is taken for alive for half of the TTL at most. */
const longestInterval = 30_000;

/**
 * Does the work, and meanwhile sees to it that the session has a supervisor, though the one that it had may be killed, or have
 * been so a moment ago. When none can be started, the signal that the work is given tells why.
 */
export async function keepSupervised<T>(
  session: AttachedSession,
  stack: Stack,
  flags: FleetFlags,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const look = () => ensureSupervised(session, stack, flags);
  await look();
  const failed = new AbortController();
  const ended = new AbortController();
  const interval = Math.min(stack.store.pace.ttl / 2, longestInterval);
  lookAgain(look, interval, ended.signal).catch((error: unknown) => failed.abort(error));
  try {
    return await work(AbortSignal.any([signal, failed.signal]));
  } finally {
    ended.abort();
  }
}

async function lookAgain(look: () => Promise<void>, interval: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    await systemRuntime.sleep(interval, signal);
    if (signal.aborted) return;
    await look();
  }
}
