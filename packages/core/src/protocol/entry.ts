import type { JsonObject } from "../store.ts";
import type { Entry } from "./ledger.ts";

/** Inputs and their rows are JSON; this is the only place that trusts a body to be what its writer said. */
export function parseEntry(bytes: Uint8Array): Entry {
  const entry = JSON.parse(new TextDecoder().decode(bytes)) as Entry & JsonObject;
  if (entry.v !== 1 || !Array.isArray(entry.operations)) throw new TypeError("A ledger entry is not of version 1.");
  return entry;
}

export function entryBody(entry: Entry): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(entry));
}
