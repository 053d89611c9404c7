import { completeError, errorOf } from "./error-values.ts";
import { readLeaf } from "./leaves.ts";
import type { Sources } from "./leaves.ts";
import { malformed } from "./malformed.ts";
import { MOST_LEVELS } from "./note.ts";
import type { Key, Place } from "./note.ts";

/** What a note makes of `raw`, which stands under `key` of `parent`. Neither of the two is trusted. */
export function read(raw: unknown, note: unknown, parent: Spot, key: Key, reading: Reading): unknown {
  const spot: Spot = { parent, key, note: undefined, depth: parent.depth + 1 };
  // Rows of a Map are levels that `write` does not count.
  if (spot.depth > MOST_LEVELS + 2) throw malformed(spot, "has too many levels");
  const { type, rest, id } = parse(note, spot);
  const value = make(raw, type, rest, spot, reading);
  if (id !== undefined) reading.made.set(id, value);
  return value;
}

/** One level of the value being read. */
export interface Spot extends Place {
  readonly depth: number;
}

/** One value being read. */
export interface Reading extends Sources {
  /** Objects by the number under which others refer to them. */
  readonly made: Map<number, unknown>;
  readonly links: (() => void)[];
  readonly fills: (() => void)[];
}

interface Parsed {
  readonly type: string;
  readonly rest: readonly unknown[];
  readonly id?: number;
}

function parse(note: unknown, spot: Spot): Parsed {
  if (typeof note === "string") return { type: note, rest: [] };
  if (!Array.isArray(note)) throw malformed(spot, "has a note of no known form");
  const [type, ...rest]: unknown[] = note;
  if (typeof type !== "string") throw malformed(spot, "has a note without a type");
  if (type !== "#") return { type, rest };
  const [id, inner = ""] = rest;
  if (typeof id !== "number" || (Array.isArray(inner) && inner[0] === "#"))
    throw malformed(spot, "has no number where one belongs");
  return { ...parse(inner, spot), id };
}

function make(raw: unknown, type: string, rest: readonly unknown[], spot: Spot, reading: Reading): unknown {
  switch (type) {
    case "":
      if (Array.isArray(raw)) return inside(raw, rest, spot, reading);
      return inside(fieldsOf(raw, spot), rest, spot, reading);
    case "Map":
      return makeMap(inside(listOf(raw, spot), rest, spot, reading), spot, reading);
    case "Set":
      return makeSet(inside(listOf(raw, spot), rest, spot, reading), reading);
    case "Error":
      return makeError(inside(fieldsOf(raw, spot), rest, spot, reading), reading);
    default:
      return readLeaf(type, raw, rest[0], spot, reading);
  }
}

/** Follows the notes on what is inside, `[key, note, …]`, each on another property that is there. */
function inside<T extends object>(container: T, notes: readonly unknown[], spot: Spot, reading: Reading): T {
  const keys = new Set<unknown>();
  for (let index = 0; index < notes.length; index += 2) {
    const key = notes[index];
    if (!isKeyOf(container, key) || keys.has(key)) throw malformed(spot, "has a note on what is not there");
    keys.add(key);
    place(container, key, notes[index + 1], spot, reading);
  }
  return container;
}

function isKeyOf(container: object, key: unknown): key is Key {
  if (Array.isArray(container))
    return typeof key === "number" && Number.isInteger(key) && key >= 0 && key < container.length;
  return typeof key === "string" && Object.hasOwn(container, key);
}

function place(container: object, key: Key, note: unknown, spot: Spot, reading: Reading): void {
  const slots = container as Record<Key, unknown>;
  // The property is the container's own, so that not even `__proto__` reaches a setter.
  if (!isLink(note)) slots[key] = read(slots[key], note, spot, key, reading);
  else reading.links.push(() => (slots[key] = target(note[1], spot, reading)));
}

function isLink(note: unknown): note is readonly [type: "=", id: unknown] {
  return Array.isArray(note) && note[0] === "=";
}

function target(id: unknown, spot: Spot, reading: Reading): unknown {
  if (typeof id !== "number" || !reading.made.has(id)) throw malformed(spot, "refers to an object that is not there");
  return reading.made.get(id);
}

function makeMap(rows: readonly unknown[], spot: Spot, reading: Reading): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  reading.fills.push(() => {
    for (const row of rows) {
      if (!Array.isArray(row) || row.length !== 2) throw malformed(spot, "has a Map with a row that is no pair");
      map.set(row[0], row[1]);
    }
  });
  return map;
}

function makeSet(items: readonly unknown[], reading: Reading): Set<unknown> {
  const set = new Set<unknown>();
  reading.fills.push(() => {
    for (const item of items) set.add(item);
  });
  return set;
}

function makeError(fields: Readonly<Record<string, unknown>>, reading: Reading): Error {
  const error = errorOf(fields);
  reading.fills.push(() => completeError(error, fields));
  return error;
}

function listOf(raw: unknown, spot: Spot): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  throw malformed(spot, "has no list where one belongs");
}

function fieldsOf(raw: unknown, spot: Spot): Record<string, unknown> {
  if (isFields(raw)) return raw;
  throw malformed(spot, "has no object where one belongs");
}

/** An object as `JSON.parse` makes it. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
