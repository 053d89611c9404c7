import type { OutcomeLines, StateStore } from "@skyburst/core";
import { facts as factsOf, systemRuntime, wholeLines } from "@skyburst/core/protocol";
import { writeTo } from "./stream-output.ts";

/** Writes outcome lines to stdout as they lie in the store; only values that are in blobs are put together first. */
export async function printOutcomes(store: StateStore, { lines, blobs }: OutcomeLines): Promise<void> {
  if (!blobs) return writeTo(process.stdout, lines);
  for await (const line of wholeLines(factsOf(store, systemRuntime), lines)) await writeTo(process.stdout, line);
}
