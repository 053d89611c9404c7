import { readFileSync, readdirSync, statSync } from "node:fs";
import { setImmediate as immediate } from "node:timers/promises";
import { systemCode } from "./errors.ts";
import { ARGUMENT, parseId, VARIABLE } from "./label.ts";
import { type Found, onePerId, type ProcessTable } from "./processes.ts";

/** So many processes are looked at before others get their turn: about 1.5 ms. */
const SLICE = 50;

/** Linux: the process file system, at about 30 µs a process. */
export function procTable(): ProcessTable {
  return {
    workers: async () => onePerId(await collect(worker)),
    carrying: (ids) => collect((pid) => (carries(pid, ids) && isMine(pid) ? pid : undefined)),
  };
}

async function collect<T>(look: (pid: number) => T | undefined): Promise<readonly T[]> {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  const found: T[] = [];
  for (const [position, pid] of pids.entries()) {
    if (position % SLICE === SLICE - 1) await immediate();
    const result = look(pid);
    if (result !== undefined) found.push(result);
  }
  return found;
}

/** A worker has its id in both places; a tracer, or a shell, that was given its command line has not. */
function worker(pid: number): Found | undefined {
  const id = idIn(lines(pid, "cmdline"), ARGUMENT);
  if (id === undefined || !isMine(pid)) return undefined;
  if (idIn(lines(pid, "environ"), `${VARIABLE}=`) !== id) return undefined;
  const parent = parentOf(pid);
  return parent === undefined ? undefined : { id, pid, parent };
}

/** Most processes carry nothing, which matches no id, whatever the ids are. */
function carries(pid: number, ids: ReadonlySet<string>): boolean {
  const id = idIn(lines(pid, "environ"), `${VARIABLE}=`);
  return id !== undefined && ids.has(id);
}

function idIn(entries: readonly string[], prefix: string): string | undefined {
  const id = entries.find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
  return id !== undefined && parseId(id) ? id : undefined;
}

function lines(pid: number, file: "cmdline" | "environ"): readonly string[] {
  return read(pid, file).split("\0");
}

function isMine(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

/** `<pid> (<name>) <state> <parent> …`, where the name may hold anything, brackets too. */
function parentOf(pid: number): number | undefined {
  const stat = read(pid, "stat");
  const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Empty for a process that is gone, that only waits to be collected, or that is not ours to look into. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(systemCode(error) ?? "")) return "";
    throw error;
  }
}
