import { pathToFileURL } from "node:url";
import { externalRequire } from "@skyburst/bundle/external";
import type { Task } from "@skyburst/core";
import type { TaskProgram } from "./slice.ts";

export type AnyTask = Task<unknown, unknown>;

/** Tells `open` of core that it runs in a worker, where it refuses. */
const workerMark = Symbol.for("skyburst.worker");
/** By which a program requires the packages that could not be bundled. */
const requireMark = Symbol.for("skyburst.require");

/** Imports task programs, each once. A program that failed fails again with the same error. */
export function programLoader(): (program: TaskProgram) => Promise<AnyTask> {
  const loaded = new Map<string, Promise<AnyTask>>();
  mark(workerMark, true);
  // Only now: the maps of what this thread itself was started with are never read.
  process.setSourceMapsEnabled(true);
  return (program) => {
    const known = loaded.get(program.sha256);
    if (known !== undefined) return known;
    const loading = load(program);
    loaded.set(program.sha256, loading);
    return loading;
  };
}

async function load({ path, modules }: TaskProgram): Promise<AnyTask> {
  mark(requireMark, externalRequire(modules));
  const module: { readonly task?: unknown } = await import(pathToFileURL(path).href);
  if (typeof module.task === "function") return module.task as AnyTask;
  throw new TypeError(
    module.task === undefined
      ? `The program has no export "task".`
      : `The task is ${article(module.task)}, not a function: export a function (input, ctx) => result.`,
  );
}

function article(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function mark(name: symbol, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
