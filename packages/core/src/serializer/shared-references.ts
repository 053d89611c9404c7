import type { Json } from "../store.ts";
import { isSharedEntry } from "./leaves.ts";

/** The sha256 of each shared value that a value refers to, from its parsed `meta`: what to have at hand before it is decoded. */
export function sharedReferences(meta: Json | undefined): readonly string[] {
  if (typeof meta !== "object" || meta === null || !("shared" in meta)) return [];
  const entries: unknown = meta.shared;
  if (!Array.isArray(entries)) return [];
  return [...new Set(entries.filter(isSharedEntry).map(([sha256]) => sha256))];
}
