import type { JsonObject } from "../store.ts";
import type { Entry } from "./ledger.ts";
import { jsonBody, withHeader } from "./lines.ts";

/** Inputs and their rows are JSON; this is the only place that trusts a body to be what its writer said. */
export function parseEntry(bytes: Uint8Array): Entry {
  const entry = JSON.parse(decoder.decode(bytes.subarray(0, headerEnd(bytes)))) as Entry & JsonObject;
  if (entry.v !== 1 || !Array.isArray(entry.operations)) throw new TypeError("A ledger entry is not of version 1.");
  return entry;
}

/** @param inputs Lines of the segments whose inputs ride behind it, in the order of its operations. */
export function entryBody(entry: Entry, inputs: readonly Uint8Array[] = []): Uint8Array {
  return inputs.length === 0 ? jsonBody(entry) : withHeader(entry, inputs);
}

/** What rides behind the entry. undefined: nothing does. */
export function behindEntry(bytes: Uint8Array): Uint8Array | undefined {
  const end = headerEnd(bytes);
  return end === bytes.length ? undefined : bytes.subarray(end + 1);
}

/** JSON that is written by this program has no newline in it. */
function headerEnd(bytes: Uint8Array): number {
  const end = bytes.indexOf(newline);
  return end < 0 ? bytes.length : end;
}

const decoder = new TextDecoder();
const newline = 10;
