import { readFileSync } from "node:fs";
import type { WorkerExit } from "@skyburst/core";

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  /** We asked it to end. */
  readonly stopped: boolean;
  /** The end of what it printed. */
  readonly output: () => string;
  /** The kernel killed a process for want of memory that nobody has accounted for yet. */
  readonly outOfMemory: () => boolean;
}

/** Why a worker ended, as far as its parent can tell. */
export function exitOf(ending: Ending): WorkerExit {
  const { code, signal } = ending;
  return { ...(code !== null && { code }), ...(signal !== null && { signal }), reason: reasonOf(ending) };
}

/** What people and machines that shut down send: the worker is not at fault. */
const REQUESTS: ReadonlySet<string | null> = new Set(["SIGTERM", "SIGINT", "SIGHUP"]);

function reasonOf({ code, signal, stopped, output, outOfMemory }: Ending): WorkerExit["reason"] {
  if (stopped) return "stopped";
  if (code === 0) return "done";
  if (REQUESTS.has(signal)) return "stopped";
  if (signal === "SIGKILL" && outOfMemory()) return "oom";
  if (signal === "SIGABRT" && output().includes("JavaScript heap out of memory")) return "oom";
  return "error";
}

/**
 * Counts what the kernel killed for want of memory in the control group that workers share with this process, or on the
 * whole machine where the group doesn't say. Each is taken for one worker, so that a later `kill -9` isn't taken for it.
 */
export class OutOfMemoryKills {
  readonly #file: string | undefined;
  #accounted = 0;

  constructor() {
    this.#file = counterFiles().find((file) => countIn(file) !== undefined);
    this.#accounted = this.#count();
  }

  /** True once for each kill since this object was made. */
  take(): boolean {
    if (this.#count() <= this.#accounted) return false;
    this.#accounted += 1;
    return true;
  }

  #count(): number {
    return (this.#file === undefined ? undefined : countIn(this.#file)) ?? 0;
  }
}

function counterFiles(): readonly string[] {
  const groups = readIfThere("/proc/self/cgroup");
  const unified = /^0::(.*)$/m.exec(groups)?.[1];
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  return [
    ...(unified === undefined ? [] : [`/sys/fs/cgroup${unified}/memory.events`, "/sys/fs/cgroup/memory.events"]),
    ...(memory === undefined ? [] : [`/sys/fs/cgroup/memory${memory}/memory.oom_control`]),
    "/proc/vmstat",
  ];
}

function countIn(file: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(readIfThere(file))?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Empty where the system has no such file, or doesn't show it. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
