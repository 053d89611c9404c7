import { pathToFileURL } from "node:url";
import { externalRequire } from "@skyburst/bundle/external";
import type { JsonObject, Serializer, Task } from "@skyburst/core";
import type { TaskProgram } from "./slice.ts";

export type AnyTask = Task<unknown, unknown>;

export interface LoadedProgram {
  readonly task: AnyTask;
  /** How its values travel; undefined: by the built-in serializer. */
  readonly serializer: Serializer | undefined;
}

/** Tells `open` of core that it runs in a worker, where it refuses. */
const workerMark = Symbol.for("skyburst.worker");
/** By which a program requires the packages that could not be bundled. */
const requireMark = Symbol.for("skyburst.require");

/** Imports task programs, each once. A program that failed fails again with the same error. */
export function programLoader(): (program: TaskProgram) => Promise<LoadedProgram> {
  const loaded = new Map<string, Promise<LoadedProgram>>();
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

async function load({ path, modules }: TaskProgram): Promise<LoadedProgram> {
  mark(requireMark, externalRequire(modules));
  const { task, serializer }: ProgramModule = await import(pathToFileURL(path).href);
  if (typeof task === "function") return { task: task as AnyTask, serializer: serializerOf(serializer) };
  throw new TypeError(
    task === undefined
      ? `The program has no export "task".`
      : `The task is ${article(task)}, not a function: export a function (input, ctx) => result.`,
  );
}

interface ProgramModule {
  readonly task?: unknown;
  /** The serializer's module and what to call its `open` with. */
  readonly serializer?: { readonly module: string; readonly open: unknown; readonly options: JsonObject };
}

function serializerOf(named: ProgramModule["serializer"]): Serializer | undefined {
  if (named === undefined) return undefined;
  const { module, open, options } = named;
  if (typeof open !== "function")
    throw new TypeError(`The serializer ${module} has an \`open\` that is ${article(open)}, not a function.`);
  const opened = (open as (options: JsonObject) => unknown)(options);
  if (isSerializer(opened)) return opened;
  throw new TypeError(`The serializer ${module}: what \`open\` returned has no functions \`encode\` and \`decode\`.`);
}

function isSerializer(value: unknown): value is Serializer {
  if (typeof value !== "object" || value === null || !("encode" in value && "decode" in value)) return false;
  return typeof value.encode === "function" && typeof value.decode === "function";
}

function article(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function mark(name: symbol, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
