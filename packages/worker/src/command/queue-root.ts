import { setTimeout as pause } from "node:timers/promises";
import { childOf, isFork } from "./process-tree.ts";
import type { QueueShell } from "./queue-shell.ts";

/**
 * The process of the command that a shell runs; undefined: that has ended meanwhile. The shell may not have got to the command
 * yet, nor its fork, deaf still, to being it; it may also end while we look.
 *
 * @param runs Whether it still runs, as far as is reported at the moment of the call.
 */
export async function runningRoot(shell: QueueShell, runs: () => boolean): Promise<ReturnType<typeof childOf>> {
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    const child = childOf(shell.pid, shell.watcher);
    // Not reported: the child is the one of this command.
    if (!runs()) return undefined;
    if (child && !isFork(child.pid, shell.pid)) return child;
    await pause(wait);
  }
}
