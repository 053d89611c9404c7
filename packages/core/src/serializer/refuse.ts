import { describe } from "./describe.ts";
import { SerializeError } from "./errors.ts";
import { MOST_LEVELS, pathTo } from "./note.ts";
import type { Key, Place } from "./note.ts";

/** Throws: says what stands under `key` of `parent`, that it cannot travel, and what to do. */
export function refuse(value: unknown, parent: Place, key: Key): never {
  const path = parent.parent === undefined ? "$" : pathTo(parent, key);
  const { what, instead } = describe(value);
  throw new SerializeError(
    "unsupported",
    path,
    `${path} is ${what}, which cannot travel to another process. ${instead}`,
  );
}

/** Throws when one of them is a key that would get lost. Those that are not enumerable stay behind, as other such keys do. */
export function refuseSymbols(value: object, symbols: readonly symbol[], place: Place): void {
  const symbol = symbols.find((one) => Object.prototype.propertyIsEnumerable.call(value, one));
  if (symbol === undefined) return;
  const path = pathTo(place);
  throw new SerializeError(
    "unsupported",
    path,
    `${path} has the key ${String(symbol)}, and a symbol cannot travel to another process. Use a string key.`,
  );
}

/**
 * Throws when the array is long and mostly holes: `[]` with an item at 4e9 is a mistake, or a dictionary, and writing it
 * out would take for ever.
 */
export function refuseHoles(value: readonly unknown[], index: number, place: Place): void {
  if (value.length <= MANY || index in value || Object.keys(value).length >= value.length / 2) return;
  const path = pathTo(place);
  throw new SerializeError(
    "unsupported",
    path,
    `${path} is an array of length ${value.length} that is mostly holes. Pass a Map, or an array without holes.`,
  );
}

const MANY = 10_000;

export function tooDeep(place: Place): never {
  const path = pathTo(place);
  const start = path.length > 60 ? `${path.slice(0, 60)}…` : path;
  throw new SerializeError(
    "too-deep",
    path,
    `The value has more than ${MOST_LEVELS} levels, at ${start} Flatten it: a linked list into an array, a tree into a list of nodes.`,
  );
}

/** What an accessor, a proxy or the engine threw while the value was read. */
export function readingFailed(cause: unknown): SerializeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof RangeError && message.includes("call stack")) {
    return new SerializeError(
      "too-deep",
      "$",
      "The value has more levels than fit on the stack that is left. Flatten it.",
      { cause },
    );
  }
  if (cause instanceof RangeError && message.includes("string length")) {
    return new SerializeError(
      "unsupported",
      "$",
      "The value is over 512 MB as JSON. Pass typed arrays, or cut it into several values.",
      { cause },
    );
  }
  return new SerializeError(
    "unsupported",
    "$",
    `The value could not be read: ${message}. Pass plain data, without accessors that throw.`,
    { cause },
  );
}
