import { quote } from "./quote.ts";

/**
 * What JSON does not say about one place of a value. Notes form a tree along the JSON: as text a note is
 *
 * - `"Date"`: the type of what stands here;
 * - `["Uint8Array", 0]`: a type with a number: of the attachment, of the shared value, of the object meant by `"="`;
 * - `["", key, note, …]`: an array or object (`""`), Map, Set or Error with notes on what is inside, by key or index;
 * - `["#", 1, note?]`: the same, and this object is number 1, for the places that say `["=", 1]`.
 */
export interface Note {
  type: string;
  number: number | undefined;
  children: Child[] | undefined;
  /** Number by which other places refer to this object; 0: none does. */
  id: number;
}

/** `JSON.parse` takes any number of levels; what others call with the value, `JSON.stringify` first, about 4,000. */
export const MOST_LEVELS = 1000;

export type Child = readonly [key: Key, note: Note];
export type Key = string | number;

/** One level on the way from the root to a part of a value. */
export interface Place {
  readonly parent: Place | undefined;
  readonly key: Key;
  note: Note | undefined;
}

/** The note on a place, made on first use together with those above it, so that a plain value has none. */
export function noteOn(place: Place): Note {
  if (place.note === undefined) {
    place.note = note("", undefined);
    if (place.parent !== undefined) addNote(place.parent, place.key, place.note);
  }
  return place.note;
}

export function addNote(parent: Place, key: Key, child: Note): void {
  (noteOn(parent).children ??= []).push([key, child]);
}

export function note(type: string, number: number | undefined): Note {
  return { type, number, children: undefined, id: 0 };
}

export function noteText(of: Note): string {
  const text = bareText(of);
  if (of.id === 0) return text;
  return text === '""' ? `["#",${of.id}]` : `["#",${of.id},${text}]`;
}

function bareText({ type, number, children }: Note): string {
  if (children !== undefined) {
    let text = `["${type}"`;
    for (const [key, child] of children) text += `,${typeof key === "number" ? key : quote(key)},${noteText(child)}`;
    return `${text}]`;
  }
  return number === undefined ? `"${type}"` : `["${type}",${number}]`;
}

/** A place as people write it: `$.a[3].b`. Inside a Map or Set it says `.keys[i]` and `.values[i]`. */
export function pathTo(place: Place, key?: Key): string {
  if (key !== undefined) return pathTo(place) + step(place, key);
  return place.parent?.parent === undefined ? "$" : pathTo(place.parent) + step(place.parent, place.key);
}

function step(parent: Place, key: Key): string {
  // A row of a Map is a level of its own, which says nothing.
  if (parent.note?.type === "Map") return "";
  if (parent.parent?.note?.type === "Map") return `.${key === 0 ? "keys" : "values"}[${parent.key}]`;
  if (parent.note?.type === "Set") return `.values[${key}]`;
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${quote(key)}]`;
}
