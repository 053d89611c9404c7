import type { Entry, Operation } from "../../protocol/ledger.ts";
import type { SessionEvent } from "./event.ts";

/** What an entry of the ledger says, operation by operation. */
export function* tellEntry({ operations, totals }: Entry, at: number): Generator<SessionEvent> {
  // The entry tells how many tasks there are behind it.
  let first = totals.tasks - operations.reduce((sum, operation) => sum + tasksOf(operation), 0);
  for (const operation of operations) {
    yield tellOperation(operation, at, first);
    first += tasksOf(operation);
  }
}

function tasksOf(operation: Operation): number {
  return operation.op === "append" ? operation.counts.reduce((sum, count) => sum + count, 0) : 0;
}

function tellOperation(operation: Operation, at: number, first: number): SessionEvent {
  switch (operation.op) {
    case "create":
      return { type: "created", at, ...(operation.name === undefined ? {} : { name: operation.name }) };
    case "open": {
      const { kind, name } = operation.task;
      return { type: "opened", at, submission: operation.submission, kind, task: name };
    }
    case "append":
      return { type: "appended", at, submission: operation.submission, tasks: tasksOf(operation), first };
    case "end":
      return { type: "ended", at, ...submissionOf(operation) };
    case "cancel":
      return { type: "cancelled", at, ...submissionOf(operation), because: operation.because };
    case "cancelTask":
      return { type: "cancelled", at, tasks: operation.tasks, because: operation.because };
    case "retry":
      return { type: "rerun", at, ...submissionOf(operation), ...(operation.tasks ? { tasks: operation.tasks } : {}) };
    case "extend": {
      const { op: _, ...limits } = operation;
      return { type: "extended", at, ...limits };
    }
    case "warn":
      return { type: "warned", at, message: operation.message };
    case "horizon":
      return { type: "horizon", at, until: operation.until, workers: operation.workers };
    case "pause":
      return { type: "paused", at, because: operation.because, message: operation.message };
    case "resume":
      return { type: "resumed", at };
    case "remove":
      return { type: "removed", at };
  }
}

function submissionOf({ submission }: { readonly submission?: string }): { readonly submission?: string } {
  return submission === undefined ? {} : { submission };
}
