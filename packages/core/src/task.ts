import type { Task } from "./task-context.ts";

const home = Symbol.for("skyburst.task");

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
  if (typeof fn !== "function") throw new TypeError(`task(url, fn): fn is ${fn === null ? "null" : typeof fn}, not a function.`);
  if (!/^file:/.test(url)) throw new TypeError(`task(url, fn): url is ${JSON.stringify(url)}; give it import.meta.url of the module that exports the task.`);
  Object.defineProperty(fn, home, { value: url, configurable: true });
  return fn;
}

/** The module of a task that was made by {@link task}; undefined for any other function. */
export function taskModule(fn: object): string | undefined {
  const url: unknown = Reflect.get(fn, home);
  return typeof url === "string" ? url : undefined;
}
