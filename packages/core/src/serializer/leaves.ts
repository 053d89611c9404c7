import { Shared } from "../shared.ts";
import { BINARY } from "./bytes.ts";
import { malformed } from "./malformed.ts";
import type { Place } from "./note.ts";
import type { DecodeOptions } from "./serializer.ts";

/** A value without anything inside: by its type, from its JSON or from what `position` refers to. */
export function readLeaf(type: string, raw: unknown, position: unknown, place: Place, sources: Sources): unknown {
  if (type === "undefined") return undefined;
  if (type === "Shared") return sharedValue(at(sources.shared, position), place, sources.options);
  const binary = BINARY.get(type);
  if (binary !== undefined) return binary.of(ownBuffer(at(sources.attachments, position), place));
  const value = FROM_TEXT.get(type)?.(raw);
  if (value === undefined)
    throw malformed(place, `holds a ${type} that this version of Node or Skyburst does not know, or that is none,`);
  return value;
}

/** What notes refer to by position. */
export interface Sources {
  readonly attachments: readonly Uint8Array[];
  /** A list of [sha256, bytes], if it is what it should be. */
  readonly shared: readonly unknown[];
  readonly options: DecodeOptions;
}

function at(list: readonly unknown[], position: unknown): unknown {
  return typeof position === "number" ? list[position] : undefined;
}

function sharedValue(entry: unknown, place: Place, options: DecodeOptions): unknown {
  if (!isSharedEntry(entry)) throw malformed(place, "refers to a shared value that is not there");
  return options.shared === undefined ? new Shared(...entry) : options.shared(entry[0]);
}

export function isSharedEntry(entry: unknown): entry is readonly [sha256: string, bytes: number] {
  return (
    Array.isArray(entry) &&
    typeof entry[0] === "string" &&
    /^[0-9a-f]{64}$/.test(entry[0]) &&
    typeof entry[1] === "number"
  );
}

/** A copy: aligned for every view, and `value.buffer` is the value and nothing else. */
function ownBuffer(bytes: unknown, place: Place): ArrayBuffer {
  if (!(bytes instanceof Uint8Array)) throw malformed(place, "refers to bytes that are not there");
  const buffer = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** `undefined`: the JSON does not fit the type. */
const FROM_TEXT: ReadonlyMap<string, (raw: unknown) => unknown> = new Map<string, (raw: unknown) => unknown>([
  ["number", (raw) => (typeof raw === "string" ? NUMBERS.get(raw) : undefined)],
  ["bigint", (raw) => (typeof raw === "string" && /^-?\d+$/.test(raw) ? BigInt(raw) : undefined)],
  ["Date", dateOf],
  ["RegExp", patternOf],
  ["URL", (raw) => (typeof raw === "string" ? new URL(raw) : undefined)],
]);

const NUMBERS: ReadonlyMap<string, number> = new Map(
  [NaN, Infinity, -Infinity, -0].map((value) => [Object.is(value, -0) ? "-0" : `${value}`, value]),
);

function dateOf(raw: unknown): Date | undefined {
  if (raw === null) return new Date(NaN);
  const date = typeof raw === "string" ? new Date(raw) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

function patternOf(raw: unknown): RegExp | undefined {
  const parts = typeof raw === "string" ? /^\/(.*)\/([a-z]*)$/s.exec(raw) : null;
  return parts === null ? undefined : new RegExp(parts[1] ?? "", parts[2]);
}
