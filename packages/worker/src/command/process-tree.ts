import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { bears, type Mark } from "./mark.ts";

/** A living process, as `/proc/<pid>/stat` tells. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** When it started, in clock ticks since the machine's own start. */
  readonly started: number;
}

/** Whether this machine tells about processes in the way that is needed here. */
export function tellsProcesses(): boolean {
  return process.platform === "linux" && read(process.pid) !== undefined;
}

/** A process that lives. */
export function processOf(pid: number): Process | undefined {
  return read(pid);
}

/** The only child of a process but those, if it has one that lives. */
export function childOf(parent: number, but: number): Process | undefined {
  return processes().find((found) => found.parent === parent && found.pid !== but);
}

/** Whether a child is still what its parent is, having called no exec. */
export function isFork(child: number, parent: number): boolean {
  return wordsOf(child) === wordsOf(parent);
}

/** A command's processes. */
export interface Tree {
  /** The first of them, alive or not. */
  readonly root: Process;
  /** Process group of those that did not leave it. */
  readonly group: number;
  /** By which those are known that left it. undefined: they aren't. */
  readonly mark: Mark | undefined;
  /** Of the same group, and none of it. */
  readonly but: readonly number[];
}

/**
 * Ends a process and all it started: SIGTERM, SIGKILL after the grace time (ms; 0: at once). Resolves when they are gone or
 * unkillable for 2 s. What is of the same process group or slot and was there before `root` is left alone, with what that started.
 */
export async function endTree(tree: Tree, grace: number): Promise<void> {
  const members = () => membersOf(tree);
  if (grace > 0) {
    signalAll(members(), "SIGTERM");
    // A stopped process would sleep through its SIGTERM.
    signalAll(members(), "SIGCONT");
    if (await goneWithin(members, grace, () => undefined)) return;
  }
  // Again until there is nobody: one of them may start another while it is looked at.
  await goneWithin(members, AFTER_KILL, (left) => signalAll(left, "SIGKILL"));
}

/** Those that live of `root`, what descends from it, and the orphans of its process group and its slot that are younger. */
function membersOf({ root, group, mark, but }: Tree): readonly Process[] {
  const all = new Map(processes().map((found) => [found.pid, found]));
  const isRoot = ({ pid, started }: Process) => pid === root.pid && started === root.started;
  const belongs = (found: Process): boolean => {
    if (isRoot(found)) return true;
    if (but.includes(found.pid) || but.includes(found.parent) || isOlder(found, root)) return false;
    const parent = all.get(found.parent);
    const orphan = parent === undefined || (isOlder(parent, root) && parent.group !== group);
    return orphan ? found.group === group || (mark !== undefined && bears(found, mark)) : belongs(parent);
  };
  return [...all.values()].filter(belongs);
}

/** A clock tick is long: what started in the same one has its number for an age. */
function isOlder(one: Process, other: Process): boolean {
  return one.started === other.started ? one.pid < other.pid : one.started < other.started;
}

async function goneWithin(
  members: () => readonly Process[],
  limit: number,
  each: (left: readonly Process[]) => void,
): Promise<boolean> {
  const start = performance.now();
  let left: readonly Process[] = [];
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    // To look at all processes takes milliseconds, and at these some microseconds.
    if (!left.some(lives)) left = members();
    if (left.length === 0) return true;
    each(left);
    const time = limit - (performance.now() - start);
    if (time <= 0) return false;
    await pause(Math.min(wait, time));
  }
}

function lives({ pid, started }: Process): boolean {
  return read(pid)?.started === started;
}

function signalAll(all: readonly Process[], signal: NodeJS.Signals): void {
  for (const { pid } of all) signalProcess(pid, signal);
}

/** False when there is no process that could take the signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    // It has just ended, or has changed its user: neither is ours to end.
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return false;
    throw error;
  }
}

function processes(): Process[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []));
}

function wordsOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    // It ended while it was looked at.
    return undefined;
  }
}

function read(pid: number): Process | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    // It ended while it was looked at.
    return undefined;
  }
  // `pid (name) state parent group …`, where a name may hold parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "Z", parent, group] = fields;
  if (state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), group: Number(group), started: Number(fields[19]) };
}

/** Milliseconds between a SIGKILL and giving up. */
const AFTER_KILL = 2_000;
