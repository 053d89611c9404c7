import type { AttachedSession } from "@skyburst/core";
import type { FleetFlags, Stack } from "../stack.ts";
import { ensureSupervised } from "./ensure-supervised.ts";

/** Most time between two looks, in milliseconds. A supervisor that was killed is taken for alive for half of the TTL at most. */
const longestInterval = 30_000;

/**
 * Does the work, and meanwhile sees to it that the session has a supervisor, though the one that it had may be killed, or have
 * been so a moment ago. Who could start none tells that, and waits no longer.
 */
export async function keepSupervised<T>(
  session: AttachedSession,
  stack: Stack,
  flags: FleetFlags,
  work: () => Promise<T>,
): Promise<T> {
  await ensureSupervised(session, stack, flags);
  const interval = Math.min(stack.store.pace.ttl / 2, longestInterval);
  let timer: NodeJS.Timeout;
  const failed = new Promise<never>((_, reject) => {
    const look = () => {
      timer = setTimeout(() => void ensureSupervised(session, stack, flags).then(look, reject), interval).unref();
    };
    look();
  });
  try {
    return await Promise.race([work(), failed]);
  } finally {
    clearTimeout(timer!);
  }
}
