import { format } from "node:util";
import type { Shared, TaskContext } from "@skyburst/core";

/** What a context needs of the thread. */
export interface ContextHost {
  print(position: number, text: string): void;
  shared<T>(shared: Shared<T>): Promise<T>;
}

/**
 * The `ctx` of one call. A fresh object is cheap; the abort controller, 2 µs, is made only when somebody looks at it.
 * Members are bound, because tasks take a context apart.
 */
export class Context implements TaskContext {
  readonly index: number;
  readonly attempt: number;
  readonly #position: number;
  readonly #host: ContextHost;
  #controller: AbortController | undefined;
  #reason: DOMException | undefined;

  constructor(index: number, attempt: number, position: number, host: ContextHost) {
    this.index = index;
    this.attempt = attempt;
    this.#position = position;
    this.#host = host;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get log(): TaskContext["log"] {
    return (...values) => this.#host.print(this.#position, `${format(...values)}\n`);
  }

  get get(): TaskContext["get"] {
    return (shared) => this.#host.shared(shared);
  }

  /** Not a task's to call: it is no property of the object that a task sees. */
  static abort(context: Context, reason: DOMException): void {
    context.#reason ??= reason;
    context.#controller?.abort(context.#reason);
  }
}
