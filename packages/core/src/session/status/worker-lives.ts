import { parseBorn } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Entry } from "../../store.ts";

export interface PresentWorker {
  /** Its newest word: its birth, or a hint. What it leases and commits says as much, and not of whom it is. */
  readonly heard: number;
}

/** From the birth of a worker process to its end. */
export interface WorkerLife {
  /** Which process it is. */
  readonly launch: number;
  readonly slot: number;
  readonly born: number;
  /** undefined: it is not gone. */
  readonly gone: number | undefined;
}

/** When each object below the prefix was written, by the rest of its name. */
export function ages(entries: readonly Entry[], prefix: string): ReadonlyMap<string, number> {
  return new Map(entries.map(({ key, modified }) => [key.slice(prefix.length), modified]));
}

/** By process: its lives follow each other, and the newest tells whether it is there. */
export function livesOf(
  births: readonly Entry[],
  keys: SessionKeys,
  gones: ReadonlyMap<string, number>,
  hints: ReadonlyMap<string, number>,
): (WorkerLife & PresentWorker)[] {
  const goneAt = byLife(gones);
  const heardAt = byLife(hints);
  const processes = new Map<string, WorkerLife & PresentWorker>();
  for (const { key, modified } of births) {
    const { n, j, k } = parseBorn(key.slice(keys.births.length));
    const before = processes.get(`${n}.${j}`);
    processes.set(`${n}.${j}`, {
      launch: n,
      slot: j,
      born: before?.born ?? modified,
      gone: goneAt.get(`${n}.${j}.${k}`),
      heard: Math.max(modified, heardAt.get(`${n}.${j}.${k}`) ?? 0),
    });
  }
  return [...processes.values()];
}

/** An incarnation is `<n>.<j>.<k>` and a random part; of others nothing is asked. */
function byLife(ages: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const lives = new Map<string, number>();
  for (const [id, modified] of ages) {
    const [n, j, k] = id.split(".").map(Number);
    if (n !== undefined && !Number.isNaN(n)) lives.set(`${n}.${j}.${k}`, modified);
  }
  return lives;
}
