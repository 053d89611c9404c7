import type { Entry, Operation } from "../../protocol/ledger.ts";
import type { SessionEvent } from "./event.ts";

/** What an entry of the ledger says, operation by operation. */
export function* tellEntry({ operations, totals }: Entry, at: number): Generator<SessionEvent> {
  // The entry tells how many tasks there are behind it.
  let first = totals.tasks - operations.reduce((sum, operation) => sum + tasksOf(operation), 0);
  for (const operation of operations) {
    yield { at, ...tellOperation(operation, first) };
    first += tasksOf(operation);
  }
}

function tasksOf(operation: Operation): number {
  return operation.op === "append" ? operation.counts.reduce((sum, count) => sum + count, 0) : 0;
}

type Untimed<Event> = Event extends unknown ? Omit<Event, "at"> : never;

function tellOperation(operation: Operation, first: number): Untimed<SessionEvent> {
  switch (operation.op) {
    case "create":
      return { type: "created", ...(operation.name === undefined ? {} : { name: operation.name }) };
    case "open": {
      const { kind, name } = operation.task;
      return { type: "opened", submission: operation.submission, kind, task: name };
    }
    case "append":
      return { type: "appended", submission: operation.submission, tasks: tasksOf(operation), first };
    case "end":
      return { type: "ended", ...submissionOf(operation) };
    case "cancel":
      return { type: "cancelled", ...submissionOf(operation), because: operation.because };
    case "cancelTask":
      return { type: "cancelled", tasks: operation.tasks, because: operation.because };
    case "retry":
      return { type: "rerun", ...submissionOf(operation), ...(operation.tasks ? { tasks: operation.tasks } : {}) };
    case "extend": {
      const { op: _, ...limits } = operation;
      return { type: "extended", ...limits };
    }
    case "warn":
      return { type: "warned", message: operation.message };
    case "horizon":
      return { type: "horizon", until: operation.until, workers: operation.workers };
    case "pause":
      return { type: "paused", because: operation.because, message: operation.message };
    case "resume":
      return { type: "resumed" };
    case "remove":
      return { type: "removed" };
  }
}

function submissionOf({ submission }: { readonly submission?: string }): { readonly submission?: string } {
  return submission === undefined ? {} : { submission };
}
