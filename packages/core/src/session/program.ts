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
  if (!program) {
    throw new SkyburstError(
      "option",
      `The store of ${reference.module} has no worker program built ahead (StateStore.program), so no worker can be started for it.`,
    );
  }
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
