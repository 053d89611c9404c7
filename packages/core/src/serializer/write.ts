import { kindOf } from "./kinds.ts";
import type { Kind } from "./kinds.ts";
import { addNote, MOST_LEVELS, note, noteOn } from "./note.ts";
import type { Key, Place } from "./note.ts";
import { firstKey, nextKey, quote } from "./quote.ts";
import { refuse, refuseHoles, refuseSymbols, tooDeep } from "./refuse.ts";

/** The JSON of `value`, which stands under `key` of `parent`; what JSON does not say becomes notes. */
export function write(value: unknown, parent: Level, key: Key, run: Run): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      if (isPlainNumber(value)) return `${value}`;
      return noted("number", value === 0 ? '"-0"' : `"${value}"`, parent, key);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : writeObject(value, parent, key, run);
    case "undefined":
      return noted("undefined", "null", parent, key);
    case "bigint":
      return noted("bigint", `"${value}"`, parent, key);
    default:
      return refuse(value, parent, key);
  }
}

/** An object that is being written, or was. */
export interface Level extends Place {
  readonly depth: number;
  readonly value: object | undefined;
  /** The one that was begun before it, of the first few. */
  readonly before: Level | undefined;
  /** Its JSON, once it is complete: it is written again wherever else the object stands. */
  text: string | undefined;
}

/** One value being written: the place above its root, and what the notes refer to. */
export interface Run extends Level {
  /** The last of the first few objects. To look through them is quicker than a Map, which has to give each a hash. */
  few: Level | undefined;
  count: number;
  many: Map<object, Level> | undefined;
  ids: number;
  attachments: Uint8Array[] | undefined;
  shared: (readonly [sha256: string, bytes: number])[] | undefined;
}

export function start(): Run {
  return {
    parent: undefined,
    key: "",
    note: undefined,
    depth: 0,
    value: undefined,
    before: undefined,
    text: undefined,
    few: undefined,
    count: 0,
    many: undefined,
    ids: 0,
    attachments: undefined,
    shared: undefined,
  };
}

/** Whether JSON has this number. The first test is false for NaN and both infinities, the second for -0. */
export function isPlainNumber(value: number): boolean {
  return value - value === 0 && (value !== 0 || 1 / value > 0);
}

function noted(type: string, json: string, parent: Level, key: Key): string {
  addNote(parent, key, note(type, undefined));
  return json;
}

function writeObject(value: object, parent: Level, key: Key, run: Run): string {
  const first = seenBefore(value, run);
  if (first !== undefined) return repeat(first, parent, key, run);
  const before = run.few;
  const level: Level = { parent, key, note: undefined, depth: parent.depth + 1, value, before, text: undefined };
  if (level.depth > MOST_LEVELS) tooDeep(level);
  if (++run.count <= LOOKED_THROUGH) run.few = level;
  else (run.many ??= new Map()).set(value, level);
  level.text = writeContent(value, level, run);
  return level.text;
}

const LOOKED_THROUGH = 8;

function seenBefore(value: object, { few, many }: Run): Level | undefined {
  for (let level = few; level !== undefined; level = level.before) if (level.value === value) return level;
  return many?.get(value);
}

/** The object again in full, so that the JSON is complete without the notes; `null` inside itself, where it cannot be. */
function repeat(first: Level, parent: Level, key: Key, run: Run): string {
  const target = noteOn(first);
  if (target.id === 0) target.id = ++run.ids;
  addNote(parent, key, note("=", target.id));
  return first.text ?? "null";
}

function writeContent(value: object, level: Level, run: Run): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return writeFields(value, level, run);
  if (prototype === Array.prototype && Array.isArray(value)) return writeItems(value, level, run);
  const kind = kindOf(value, prototype);
  if (kind !== undefined) return writeKind(kind, level, run);
  return isForeign(prototype) ? writeFields(value, level, run) : refuse(value, level.parent ?? run, level.key);
}

function writeFields(value: object, level: Level, run: Run): string {
  const fields = value as Readonly<Record<string, unknown>>;
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.length > 0) refuseSymbols(value, symbols, level);
  let text = "";
  for (const key of Object.keys(fields))
    text += (text === "" ? firstKey(key) : nextKey(key)) + write(fields[key], level, key, run);
  return text === "" ? "{}" : `${text}}`;
}

function writeItems(value: readonly unknown[], level: Level, run: Run): string {
  if (value.length > FEW && isNumbers(value)) return JSON.stringify(value);
  let text = "";
  for (let index = 0; index < value.length; index++) {
    const item = value[index];
    if (item === undefined) refuseHoles(value, index, level);
    text += (index === 0 ? "" : ",") + write(item, level, index, run);
  }
  return `[${text}]`;
}

/** From here on the call into JSON.stringify is repaid. */
const FEW = 8;

function isNumbers(value: readonly unknown[]): boolean {
  for (let index = 0; index < value.length; index++) {
    const item = value[index];
    if (typeof item !== "number" || !isPlainNumber(item)) return false;
  }
  return !("toJSON" in value);
}

function writeKind(kind: Kind, level: Level, run: Run): string {
  const own = noteOn(level);
  own.type = kind.type === "bytes" ? kind.name : kind.type;
  switch (kind.type) {
    case "Error":
      return writeFields(kind.fields, level, run);
    case "Set":
      return writeItems(kind.items, level, run);
    case "Map":
      return `[${kind.rows.map((row, index) => writeRow(row, level, index, run)).join(",")}]`;
    case "Shared":
      own.number = (run.shared ??= []).push([kind.shared.sha256, kind.shared.bytes]) - 1;
      return "null";
    case "bytes":
      own.number = (run.attachments ??= []).push(kind.bytes) - 1;
      return "null";
    default:
      return kind.json;
  }
}

function writeRow(row: readonly [key: unknown, value: unknown], map: Level, index: number, run: Run): string {
  const level: Level = {
    parent: map,
    key: index,
    note: undefined,
    depth: map.depth + 1,
    value: undefined,
    before: undefined,
    text: undefined,
  };
  return `[${write(row[0], level, 0, run)},${write(row[1], level, 1, run)}]`;
}

/** Made by `{}` in another realm, as happens under some test runners. */
function isForeign(prototype: unknown): boolean {
  if (typeof prototype !== "object" || prototype === null) return false;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}
