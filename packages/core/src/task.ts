import type { Task } from "./task-context.ts";

const mark = Symbol.for("skyburst.task");
const calls = Symbol.for("skyburst.tasks");

/** What {@link task} writes on a function. */
export interface TaskMark {
  /** `file:` URL of the module that defines it. */
  readonly url: string;
  /** Number of the call of `task` in that module, from 0; a module that was loaded twice goes on counting. */
  readonly call: number;
}

/**
 * Says in which module a task is defined, so that it can be sent to workers with all that it imports. The module has to
 * export the result, under any name.
 *
 * ```ts
 * export const square = task(import.meta.url, (n: number) => n * n);
 * ```
 *
 * Returns `fn` itself. A second call for the same function replaces the module.
 *
 * @param url `import.meta.url` of the module.
 */
export function task<Run extends Task<never, unknown>>(url: string, fn: Run): Run {
  if (typeof fn !== "function")
    throw new TypeError(`task(url, fn): fn is ${fn === null ? "null" : typeof fn}, not a function.`);
  if (!url.startsWith("file:"))
    throw new TypeError(
      `task(url, fn): url is ${JSON.stringify(url)}; give it import.meta.url of the module that exports the task.`,
    );
  const value: TaskMark = { url, call: count(url) };
  Object.defineProperty(fn, mark, { value, configurable: true });
  return fn;
}

/** The mark of a task that was made by {@link task}; undefined for any other function. */
export function taskMark(fn: object): TaskMark | undefined {
  return Reflect.get(fn, mark) as TaskMark | undefined;
}

/** How often `task` was called with this URL before; of all copies of this package in the process. */
function count(url: string): number {
  const global = globalThis as { [calls]?: Map<string, number> };
  const counts = (global[calls] ??= new Map());
  const before = counts.get(url) ?? 0;
  counts.set(url, before + 1);
  return before;
}
