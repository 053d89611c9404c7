import { readFileSync } from "node:fs";

/** What the kernel tells of the memory of this process's control group, of either version; sizes in bytes. */
export interface ControlGroup {
  /** undefined: none, but what the machine has. */
  readonly limit: number | undefined;
  /** The most that all of it has used at a time; undefined: the kernel does not say, as before Linux 5.19 in version 2. */
  peak(): number | undefined;
  /** Processes of it that were killed for want of memory; undefined: it does not say. */
  kills(): number | undefined;
}

/** The one of this process. What its limit is, and where it is told, is looked up once. */
export function ownControlGroup(): ControlGroup | undefined {
  return (own ??= { group: controlGroup() }).group;
}

let own: { readonly group: ControlGroup | undefined } | undefined;

/** @param root Where the system's files are: its root, but for tests. undefined: there is none that tells. */
export function controlGroup(root = ""): ControlGroup | undefined {
  const groups = textOf(`${root}/proc/self/cgroup`) ?? "";
  const own = /^0::(.*)$/m.exec(groups)?.[1];
  const ofMemory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  // A container sees its own group at the root, and may be told the path that the machine has for it.
  const unified = ["", own ?? ""].map((path) => `${root}/sys/fs/cgroup${path}`).reverse();
  const first = ["", ofMemory ?? ""].map((path) => `${root}/sys/fs/cgroup/memory${path}`).reverse();
  return (
    inOrder(unified, { limit: "memory.max", peak: "memory.peak", kills: "memory.events" }) ??
    inOrder(first, { limit: "memory.limit_in_bytes", peak: "memory.max_usage_in_bytes", kills: "memory.oom_control" })
  );
}

interface Files {
  readonly limit: string;
  readonly peak: string;
  readonly kills: string;
}

function inOrder(directories: readonly string[], { limit, peak, kills }: Files): ControlGroup | undefined {
  const directory = directories.find((path) => textOf(`${path}/${limit}`) !== undefined);
  if (directory === undefined) return undefined;
  return {
    limit: limitIn(textOf(`${directory}/${limit}`)),
    peak: () => numberIn(textOf(`${directory}/${peak}`)),
    kills: () => killsIn(textOf(`${directory}/${kills}`)),
  };
}

/** As `memory.events`, `memory.oom_control` and `/proc/vmstat` have it. */
export function killsIn(text: string | undefined): number | undefined {
  return numberIn(/^oom_kill (\d+)$/m.exec(text ?? "")?.[1]);
}

/** `max` in version 2; in version 1, the largest number of pages that there is. */
function limitIn(text: string | undefined): number | undefined {
  const limit = numberIn(text);
  return limit === undefined || limit >= 2 ** 62 ? undefined : limit;
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** undefined where the system has no such file, or doesn't show it. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
