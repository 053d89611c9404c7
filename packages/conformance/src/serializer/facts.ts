import type { JsonObject, Serializer } from "@skyburst/core";
import { withDefaults } from "../with-defaults.ts";

/**
 * Values beyond JSON that a serializer may carry. `keys`: `__proto__` and the like as keys of data. `references`: what was
 * one object is one object again; else it arrives as equal ones.
 */
export type ValueKind =
  | "undefined"
  | "numbers"
  | "bigint"
  | "Date"
  | "RegExp"
  | "URL"
  | "Map"
  | "Set"
  | "Error"
  | "bytes"
  | "Shared"
  | "keys"
  | "references"
  | "cycles";

/** In what serializers may differ, and what the suite can't know by itself. */
export interface SerializerFacts {
  /** What comes back as it was. Every other kind is tested to be refused. Default: nothing but JSON. */
  readonly kinds?: readonly ValueKind[] | undefined;
  /** It has a reference, by which workers open it. Default `true`; the built-in one has none. */
  readonly referenced?: boolean | undefined;
  /** What the reference's module exports as `open`. Default: the module is imported by its name. */
  readonly open?: ((options: JsonObject) => Serializer | Promise<Serializer>) | undefined;
}

/** With every default in place. */
export type KnownSerializerFacts = {
  readonly [K in Exclude<keyof SerializerFacts, "open">]-?: Exclude<SerializerFacts[K], undefined>;
} & Pick<SerializerFacts, "open">;

/** @throws {ConformanceError} `option`: there is no such fact. */
export function knownSerializer(facts: SerializerFacts): KnownSerializerFacts {
  return withDefaults<KnownSerializerFacts>(facts, { kinds: [], referenced: true, open: undefined });
}
