/** What the system knows of processes: who runs here is asked anew each time, never remembered. */
export interface ProcessTable {
  /** Worker processes of this user that run now: id → process number. */
  workers(): Promise<ReadonlyMap<string, number>>;
  /** Processes of this user, workers or not, that were started with one of these ids in their environment. */
  carrying(ids: ReadonlySet<string>): Promise<readonly number[]>;
}

export interface Found {
  readonly id: string;
  readonly pid: number;
  readonly parent: number;
}

/**
 * One process for each id. A process that was just forked has the command line of its parent until it runs its own
 * program, so that a worker which starts a command is seen twice for a moment.
 */
export function onePerId(found: readonly Found[]): ReadonlyMap<string, number> {
  const ids = new Map(found.map(({ pid, id }) => [pid, id]));
  return new Map(found.filter(({ parent, id }) => ids.get(parent) !== id).map(({ id, pid }) => [id, pid]));
}
