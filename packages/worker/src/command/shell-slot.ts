import type { CommandSlot, CommandSlotOptions } from "./command.ts";
import { LoopRunner } from "./loop-runner.ts";
import { tellsProcesses } from "./process-tree.ts";
import { QueueRunner } from "./queue-runner.ts";
import { slot } from "./slot.ts";
import { SHELLS } from "./start-loop.ts";
import { QUEUE_SHELLS } from "./start-queue-shell.ts";

export interface ShellSlotOptions extends CommandSlotOptions {
  readonly shells?: readonly string[];
}

/**
 * Runs commands as children of a small shell that is forked beforehand, at this call: the price of a start does not depend on this
 * process's memory, stdout and stderr are pipes, and commands are killed within some seconds when this process is. What a shell
 * can't say (arguments of more than 64 KiB), or a machine without a fit shell, is left to `directCommandSlot`'s way.
 */
export function commandSlot(options: ShellSlotOptions = {}): CommandSlot {
  return tellsProcesses() ? queueCommandSlot(options) : loopCommandSlot(options);
}

/**
 * Where processes can be looked up (Linux): the shell has the next commands already when one ends. They are in its process group,
 * and are told apart by their place in the tree of processes.
 */
export function queueCommandSlot(options: ShellSlotOptions = {}): CommandSlot {
  return slot(options, (ground) => new QueueRunner(ground, options.shells ?? QUEUE_SHELLS));
}

/**
 * Elsewhere (macOS): one command at a time, each with a process group of its own, from the shell's job control. A child that
 * leaves its command's process group and keeps the pipes writes into the output of the slot's later commands. Under a shell
 * without job control commands begin with SIGINT and SIGQUIT ignored, as a script's background jobs do.
 */
export function loopCommandSlot(options: ShellSlotOptions = {}): CommandSlot {
  return slot(options, (ground) => new LoopRunner(ground, options.shells ?? SHELLS));
}
