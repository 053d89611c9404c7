import { fileURLToPath } from "node:url";
import type { Program } from "@skyburst/bundle";
import { SkyburstError } from "../../errors.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { TaskSpec } from "../../protocol/ledger.ts";
import type { Runtime } from "../../runtime.ts";
import type { Serializer } from "../../serializer/index.ts";
import { taskMark } from "../../task.ts";
import type { TaskMark } from "../../task.ts";
import { insideWorker } from "../inside-worker.ts";

/** A task as it is named outside of its process: an export of a module, or a command. */
export type TaskSource =
  | {
      readonly kind: "module";
      readonly url: string;
      readonly export: string;
      /** Variables that the function sees beside those of its worker: in `process.env`, from when its module is loaded. Default: none. */
      readonly env?: Readonly<Record<string, string>> | undefined;
      /** Its program, for the built-in serializer, where somebody bundles it already. Default: it is bundled when it is submitted. */
      readonly program?: Promise<Program> | undefined;
    }
  | Extract<TaskSpec, { readonly kind: "command" }>;

export interface ResolverOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  /** Of the session's serializer; undefined: the built-in one. */
  readonly serializer: Serializer["reference"];
}

/** Resolves each task once: maps of one session run the code that the first of them sent, and don't wait for it again. */
export function taskResolver(options: ResolverOptions): (source: TaskSource | Function) => Promise<TaskSpec> {
  const known = new WeakMap<object, Promise<TaskSpec>>();
  return (source) => {
    const resolved = known.get(source) ?? resolveTask(options, source);
    known.set(source, resolved);
    // What failed may be mended meanwhile: a package installed, an export added.
    resolved.catch(() => known.delete(source));
    return resolved;
  };
}

/**
 * Bundles what the task needs into the session's program for it, and tells how the ledger names it. The bundler is loaded
 * here, on first use: who only runs commands never pays for it.
 *
 * @throws {SkyburstError} `task` when it can't be sent to a worker.
 */
async function resolveTask(
  { facts, keys, runtime, signal, serializer }: ResolverOptions,
  source: TaskSource | Function,
): Promise<TaskSpec> {
  if (typeof source !== "function" && source.kind === "command") return source;
  try {
    const module = typeof source === "function" ? await moduleOf(source, runtime) : source;
    const program = await programOf(module ?? (source as Function).toString(), serializer, signal);
    await facts.create(keys.program(program.sha256), program.bytes);
    const name = module ? module.export : (source as Function).name || "task";
    return {
      kind: "function",
      name,
      sha256: program.sha256,
      ...(module ? { modules: fileURLToPath(new URL(".", module.url)) } : {}),
      ...(module?.env && Object.keys(module.env).length > 0 ? { env: module.env } : {}),
      ...(serializer ? { serializer } : {}),
    };
  } catch (error) {
    if (isBundleError(error)) throw new SkyburstError("task", error.message, { cause: error });
    throw error;
  }
}

type ModuleSource = Extract<TaskSource, { readonly kind: "module" }>;

/** Of an export, or of the text of a closure. */
async function programOf(
  source: ModuleSource | string,
  serializer: ResolverOptions["serializer"],
  signal: AbortSignal,
): Promise<Program> {
  if (typeof source !== "string" && source.program && serializer === undefined) return source.program;
  const { bundleClosure, bundleModule } = await import("@skyburst/bundle");
  if (typeof source === "string") return bundleClosure(source, { serializer, signal });
  return bundleModule({ url: source.url, export: source.export, serializer, signal });
}

/** The export that is this very function. undefined: it is a closure, and has to stand by itself. */
async function moduleOf(fn: Function, runtime: Runtime): Promise<ModuleSource | undefined> {
  const mark = taskMark(fn);
  if (mark === undefined) return undefined;
  const { url } = mark;
  const { exportByCall } = await import("@skyburst/bundle");
  const name = await exportOf(fn, mark, exportByCall, runtime);
  if (name !== undefined) return { kind: "module", url, export: name };
  const what = fn.name ? `\`${fn.name}\`` : "The task";
  throw new SkyburstError(
    "task",
    `${what} is not exported by ${fileURLToPath(url)}. Workers find a task by its export: write \`export const ${fn.name || "run"} = task(import.meta.url, …)\`.`,
  );
}

type ExportByCall = (mark: TaskMark) => Promise<string | undefined>;

/** Longer than a module that is loaded takes to be had again, in milliseconds. */
const loadTime = 200;

async function exportOf(
  fn: Function,
  mark: TaskMark,
  exportByCall: ExportByCall,
  runtime: Runtime,
): Promise<string | undefined> {
  const byIdentity = exportByIdentity(mark.url, fn).then(async (name) => name ?? (await exportByCall(mark)));
  const loaded = await Promise.race([
    byIdentity.then(
      () => true,
      () => true,
    ),
    runtime.sleep(loadTime).then(() => false),
  ]);
  if (loaded) return byIdentity;
  // A module that has not come to its end, perhaps because it waits for this very map, never answers: then what a worker
  // makes of it is known first.
  return Promise.race([
    byIdentity,
    exportByCall(mark).catch((error: unknown) => Promise.reject(opensSessions(error) ? insideWorker() : error)),
  ]);
}

/** What another process that loaded the module died of, as it said on its stderr. */
function opensSessions(error: unknown): boolean {
  return error instanceof Error && "stderr" in error && String(error.stderr).includes("inside-worker");
}

/** The module is loaded already, by whoever has the function; asking for it again costs nothing. */
async function exportByIdentity(url: string, fn: Function): Promise<string | undefined> {
  try {
    const module = (await import(url)) as Record<string, unknown>;
    return Object.entries(module).find(([, value]) => value === fn)?.[0];
  } catch {
    // A test runner or a loader gave the module to its importer, and plain Node can't read it: TypeScript, say.
    return undefined;
  }
}

function isBundleError(error: unknown): error is Error {
  return error instanceof Error && error.name === "BundleError";
}
