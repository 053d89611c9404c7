import { readFileSync } from "node:fs";

/** What the kernel tells of the container that this process is in, by either version of control groups. */
export interface Cgroup {
  /** Processor time of all its processes, in seconds. */
  readonly busy: number | undefined;
  /** Processors that it may use. undefined: no limit. */
  readonly processors: number | undefined;
  /** Bytes. undefined: no limit. */
  readonly memoryLimit: number | undefined;
  /** Bytes that it has now. */
  readonly memory: number | undefined;
}

/** @param root Where control groups are mounted. */
export function readCgroup(root = "/sys/fs/cgroup"): Cgroup {
  const stat = text(`${root}/cpu.stat`);
  const usage = /^usage_usec (\d+)$/m.exec(stat ?? "")?.[1];
  // Version 2 has one tree of files, version 1 one for each kind.
  return usage === undefined ? versionOne(root) : versionTwo(root, Number(usage));
}

function versionTwo(root: string, usage: number): Cgroup {
  const [quota, period] = (text(`${root}/cpu.max`) ?? "max").split(" ");
  return {
    busy: usage / 1e6,
    processors: quota === "max" ? undefined : Number(quota) / Number(period),
    memoryLimit: number(text(`${root}/memory.max`)),
    memory: number(text(`${root}/memory.current`)),
  };
}

function versionOne(root: string): Cgroup {
  const busy = number(text(`${root}/cpuacct/cpuacct.usage`));
  const quota = number(text(`${root}/cpu/cpu.cfs_quota_us`));
  const period = number(text(`${root}/cpu/cpu.cfs_period_us`));
  const limit = number(text(`${root}/memory/memory.limit_in_bytes`));
  return {
    busy: busy === undefined ? undefined : busy / 1e9,
    processors: quota === undefined || period === undefined || quota < 0 ? undefined : quota / period,
    memoryLimit: limit === undefined || limit >= noLimit ? undefined : limit,
    memory: number(text(`${root}/memory/memory.usage_in_bytes`)),
  };
}

/** Version 1 says the largest number of pages that there can be where no limit is set. */
const noLimit = 2 ** 62;

function number(told: string | undefined): number | undefined {
  return told !== undefined && /^-?\d+$/.test(told) ? Number(told) : undefined;
}

/** undefined: the kernel has no such file. */
function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
