import { fileURLToPath } from "node:url";
import { SkyburstError } from "../errors.ts";
import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { TaskSpec } from "../protocol/ledger.ts";
import { taskModule } from "../task.ts";

/** A task as it is named outside of its process: an export of a module, or a command. */
export type TaskSource =
  | { readonly kind: "module"; readonly url: string; readonly export: string }
  | Extract<TaskSpec, { readonly kind: "command" }>;

/**
 * Bundles what the task needs into the session's program for it, and tells how the ledger names it. The bundler is loaded
 * here, on first use: who only runs commands never pays for it.
 *
 * @throws {SkyburstError} `task` when it can't be sent to a worker.
 */
export async function resolveTask(facts: Facts, keys: SessionKeys, source: TaskSource | Function, signal?: AbortSignal): Promise<TaskSpec> {
  if (typeof source !== "function" && source.kind === "command") return source;
  const { bundleClosure, bundleModule } = await import("@skyburst/bundle");
  const module = typeof source === "function" ? await moduleOf(source) : source;
  try {
    const program = module ? await bundleModule({ url: module.url, export: module.export, signal }) : await bundleClosure(String(source));
    await facts.create(keys.program(program.sha256), program.bytes);
    const name = module ? module.export : (source as Function).name || "task";
    return { kind: "function", name, sha256: program.sha256, ...(module ? { modules: fileURLToPath(new URL(".", module.url)) } : {}) };
  } catch (error) {
    if (isBundleError(error)) throw new SkyburstError("task", error.message, { cause: error });
    throw error;
  }
}

/** The export that is this very function. undefined: it is a closure, and has to stand by itself. */
async function moduleOf(fn: Function): Promise<Extract<TaskSource, { kind: "module" }> | undefined> {
  const url = taskModule(fn);
  if (url === undefined) return undefined;
  const module = (await import(url)) as Record<string, unknown>;
  const found = Object.entries(module).find(([, value]) => value === fn);
  if (found) return { kind: "module", url, export: found[0] };
  const name = fn.name ? `\`${fn.name}\`` : "The task";
  throw new SkyburstError("task", `${name} is not exported by ${fileURLToPath(url)}. Workers find a task by its export: write \`export const ${fn.name || "run"} = task(import.meta.url, …)\`.`);
}

function isBundleError(error: unknown): error is Error {
  return error instanceof Error && error.name === "BundleError";
}
