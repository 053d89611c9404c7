import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { LaunchProgram } from "../backend.ts";
import { SkyburstError } from "../errors.ts";
import type { StateStore } from "../store.ts";

/** The worker program of a store, by content. Read once. */
export function workerProgram(store: StateStore): () => Promise<LaunchProgram> {
  let program: Promise<LaunchProgram> | undefined;
  return () => (program ??= readProgram(store));
}

async function readProgram(store: StateStore): Promise<LaunchProgram> {
  const { program, reference } = store;
  if (!program) return bundled(reference.module);
  try {
    // At once: nothing goes on meanwhile that could, and time that is not injected passes nowhere in core.
    const bytes = readFileSync(program);
    return { sha256: createHash("sha256").update(bytes).digest("hex"), url: program.href };
  } catch (cause) {
    throw new SkyburstError(
      "option",
      `The worker program ${program.pathname} of ${reference.module} can't be read. Install the package again.`,
      { cause },
    );
  }
}

/** The bundler is loaded here, on first use: who has a store that brings its program never pays for it. */
async function bundled(module: string): Promise<LaunchProgram> {
  const { bundleWorker } = await import("@skyburst/bundle");
  try {
    return await bundleWorker({ module });
  } catch (error) {
    if (error instanceof Error && error.name === "BundleError")
      throw new SkyburstError("option", `No worker can be made for the store: ${error.message}`, { cause: error });
    throw error;
  }
}
