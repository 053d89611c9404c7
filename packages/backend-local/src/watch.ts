import type { WorkerStatus } from "@skyburst/core";
import type { Children } from "./children.ts";
import { parseId } from "./label.ts";
import type { ProcessTable } from "./processes.ts";

/**
 * How often processes that others launched are looked for, in milliseconds; at the first again when one changed. Who
 * watches before it launches gets `start` to do so: looking holds a launch up by some milliseconds.
 */
const LOOK = { start: 25, first: 250, last: 4000 } as const;

/** Every worker of the session: those that we launched, and those that are found running. */
export async function listWorkers(
  sessionId: string,
  children: Children,
  table: ProcessTable,
): Promise<readonly WorkerStatus[]> {
  return inOrder([...children.of(sessionId), ...(await runningOthers(sessionId, children, table))]);
}

/**
 * The workers of a session at first, and after every change. One of ours that ends is told of at once; the others are
 * looked for at intervals, and one that is not found any more is `lost`: only its parent could have known more.
 */
export async function* watchWorkers(
  sessionId: string,
  children: Children,
  table: ProcessTable,
  end: AbortSignal,
): AsyncGenerator<readonly WorkerStatus[], void, undefined> {
  let others: readonly WorkerStatus[] = [];
  let told: string | undefined;
  let lookAt = 0;
  let delay: number = LOOK.first;
  if (children.of(sessionId).length === 0) await children.changed(LOOK.start, end);
  while (!end.aborted) {
    if (performance.now() >= lookAt) {
      const before = JSON.stringify(others);
      others = afterLook(others, await runningOthers(sessionId, children, table), Date.now());
      delay = JSON.stringify(others) === before ? Math.min(delay * 2, LOOK.last) : LOOK.first;
      lookAt = performance.now() + delay;
    }
    const version = children.version;
    const workers = inOrder([...children.of(sessionId), ...others]);
    const state = JSON.stringify(workers);
    if (state !== told) {
      told = state;
      yield workers;
    }
    // While the consumer had it, more may have happened.
    if (children.version === version) await children.changed(Math.max(0, lookAt - performance.now()), end);
  }
}

async function runningOthers(
  sessionId: string,
  children: Children,
  table: ProcessTable,
): Promise<readonly WorkerStatus[]> {
  const ids = [...(await table.workers()).keys()].filter((id) => !children.get(id));
  return ids.flatMap((id) => {
    const label = parseId(id);
    if (label?.sessionId !== sessionId) return [];
    return [{ id, launch: label.launch, slot: label.slot, startedAt: label.startedAt, state: "running" as const }];
  });
}

/** What is known of others' workers after another look: one that was there and is not any more has ended. */
function afterLook(
  before: readonly WorkerStatus[],
  running: readonly WorkerStatus[],
  now: number,
): readonly WorkerStatus[] {
  const found = new Set(running.map(({ id }) => id));
  const gone = before
    .filter(({ id }) => !found.has(id))
    .map((worker) => (worker.state === "exited" ? worker : lost(worker, now)));
  return inOrder([...gone, ...running]);
}

function lost(worker: WorkerStatus, now: number): WorkerStatus {
  return { ...worker, state: "exited", exit: { reason: "lost" }, stoppedAt: now };
}

function inOrder(workers: readonly WorkerStatus[]): readonly WorkerStatus[] {
  return [...workers].sort((a, b) => a.launch - b.launch || a.slot - b.slot || (a.startedAt ?? 0) - (b.startedAt ?? 0));
}
