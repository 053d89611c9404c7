import type { Child, Children } from "./children.ts";
import { systemCode } from "./errors.ts";
import { parseId } from "./label.ts";
import type { ProcessTable } from "./processes.ts";

const DEFAULT_GRACE = 10_000;

/** How often it is looked whether workers that others launched have ended, in milliseconds. */
const LOOK = { first: 20, last: 500 } as const;

/** Commands can start others while they are being killed, but not for ever. */
const MOST_SWEEPS = 5;

/** Ends workers, whoever launched them: SIGTERM, and SIGKILL to what is left of them after the grace time. */
export class Stopping {
  readonly #children: Children;
  readonly #table: ProcessTable;

  constructor(children: Children, table: ProcessTable) {
    this.#children = children;
    this.#table = table;
  }

  /** Resolves when SIGTERM was sent. What follows goes on by itself and keeps this process alive until it is done. */
  async stop(ids: readonly string[], grace: number = DEFAULT_GRACE): Promise<void> {
    const own = ids.flatMap((id) => this.#children.get(id) ?? []).filter(lives);
    // Anything else than an id of ours names nobody: it must not reach what compares processes with it.
    const others = ids.filter((id) => parseId(id) && !this.#children.get(id));
    for (const child of own) askToEnd(child);
    const found = await this.#running(others);
    for (const pid of found.values()) send(pid, "SIGTERM");
    await this.sweep(others.filter((id) => !found.has(id)));

    const ending = this.#endAfter(grace, own, [...found.keys()]);
    if (grace <= 0) await ending;
    else background(ending);
  }

  /** Kills what workers that are gone have left behind: the commands that they were running. */
  async sweep(ids: readonly string[]): Promise<void> {
    for (let round = 0; round < MOST_SWEEPS && ids.length > 0; round += 1) {
      const left = (await this.#table.carrying(new Set(ids))).filter((pid) => pid !== process.pid);
      if (left.length === 0) return;
      for (const pid of left) send(pid, "SIGKILL");
    }
  }

  async #endAfter(grace: number, own: readonly Child[], others: readonly string[]): Promise<void> {
    const gone = await this.#allGone(performance.now() + grace, own, others);
    const stubborn = gone ? [] : own.filter(lives);
    const found = gone ? [] : (await this.#running(others)).values();
    for (const pid of [...stubborn.map(({ pid }) => pid), ...found]) sendToGroup(pid, "SIGKILL");
    // How others' workers ended is not known, even if they did so in time.
    await this.sweep([...stubborn.map(({ id }) => id), ...others]);
  }

  async #allGone(deadline: number, own: readonly Child[], others: readonly string[]): Promise<boolean> {
    for (let delay: number = LOOK.first; ; delay = Math.min(delay * 2, LOOK.last)) {
      const remaining = deadline - performance.now();
      if (!own.some(lives) && (await this.#running(others)).size === 0) return true;
      if (remaining <= 0) return false;
      await this.#children.changed(others.length === 0 ? remaining : Math.min(remaining, delay));
    }
  }

  /** Asked anew before every signal: the process that had a number a moment ago may be another by now. */
  async #running(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (ids.length === 0) return new Map();
    const wanted = new Set(ids);
    return new Map([...(await this.#table.workers())].filter(([id]) => wanted.has(id)));
  }
}

/** For what goes on when the caller was answered: nobody is left to tell, and whoever stops again looks again. */
export function background(work: Promise<void>): void {
  work.catch(() => undefined);
}

function lives({ exit }: Child): boolean {
  return exit === undefined;
}

function askToEnd(child: Child): void {
  child.stopped = true;
  send(child.pid, "SIGTERM");
}

/** A worker leads its process group. */
function sendToGroup(pid: number, signal: NodeJS.Signals): void {
  send(-pid, signal);
}

/** Gone already is success. macOS says EPERM of a group that only waits to be collected. */
function send(pid: number, signal: NodeJS.Signals): void {
  // 0, 1 and -1 are everybody.
  if (!Number.isInteger(pid) || Math.abs(pid) <= 1)
    throw new RangeError(`${pid} is the number of no worker's process.`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!["ESRCH", "EPERM"].includes(systemCode(error) ?? "")) throw error;
  }
}
