import { Context } from "./context.ts";

/** One task at a time: a slot has as many lanes as it may have tasks in flight. */
export class Lane {
  readonly number: number;
  /** What runs, or -1. */
  position = -1;
  context: Context | undefined;
  /** The position whose time limit is over, or -1: whatever becomes of it now, it failed. */
  overdue = -1;

  constructor(number: number) {
    this.number = number;
  }

  abort(reason: DOMException): void {
    if (this.context !== undefined) Context.abort(this.context, reason);
  }
}
