import { serializer as right } from "@skyburst/core";
import type { Serializer } from "@skyburst/core";
import type { SerializerFacts, ValueKind } from "../../src/index.ts";

export const ALL: readonly ValueKind[] = [
  ...(["undefined", "numbers", "bigint", "Date", "RegExp", "URL", "Map", "Set", "Error", "bytes"] as const),
  ...(["Shared", "keys", "references", "cycles"] as const),
];

export type BrokenSerializers = Readonly<Record<string, BrokenSerializer>>;

interface BrokenSerializer {
  /** Members in place of those of a right one. */
  readonly fault: Partial<Serializer>;
  /** The tests that say so, as `group: test`. */
  readonly fails: readonly string[];
  /** What is stated and is not so. */
  readonly facts?: SerializerFacts;
}

export const encode = (change: (value: unknown) => unknown): Partial<Serializer> => ({
  encode: (value) => right.encode(change(value)),
});

export function mapped(value: unknown, change: (it: unknown) => unknown, seen = new Set<unknown>()): unknown {
  const made = change(value);
  if (!Object.is(made, value)) return made;
  if (typeof value !== "object" || value === null || seen.has(value) || seen.size > 900) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  seen.add(value);
  const entries = Object.entries(value).map(([key, inner]) => [key, mapped(inner, change, seen)] as const);
  if (entries.every(([key, inner]) => Object.is(inner, Reflect.get(value, key)))) return value;
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
