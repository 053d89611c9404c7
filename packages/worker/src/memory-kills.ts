import { readFileSync } from "node:fs";

/**
 * What the kernel kills for want of memory, in the control group of this process or on the machine: whether a command that was killed was
 * killed for that. Each kill is taken for one command, so that a later `kill -9` isn't taken for it.
 */
export class MemoryKills {
  readonly #count: () => number;
  #accounted: number;

  /** @param count Kills so far. */
  constructor(count: () => number = counter()) {
    this.#count = count;
    this.#accounted = count();
  }

  /** True once for each kill since this object was made. */
  take(): boolean {
    if (this.#count() <= this.#accounted) return false;
    this.#accounted++;
    return true;
  }
}

/** The first place that tells is asked from then on; where none does, nothing is ever known. */
function counter(): () => number {
  const group = /^0::(.*)$/m.exec(readIfThere("/proc/self/cgroup"))?.[1] ?? "";
  const files = [`/sys/fs/cgroup${group}/memory.events`, "/sys/fs/cgroup/memory.events", "/proc/vmstat"];
  const file = files.find((name) => killsIn(name) !== undefined);
  return () => (file === undefined ? 0 : (killsIn(file) ?? 0));
}

function killsIn(file: string): number | undefined {
  const kills = /^oom_kill (\d+)$/m.exec(readIfThere(file))?.[1];
  return kills === undefined ? undefined : Number(kills);
}

/** Empty where the system has no such file, or doesn't show it. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
