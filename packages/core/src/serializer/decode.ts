import { SerializeError } from "./errors.ts";
import { malformed } from "./malformed.ts";
import { isFields, read } from "./read.ts";
import type { Reading, Spot } from "./read.ts";
import type { DecodeOptions, Received } from "./serializer.ts";

/**
 * The value is built in place, out of JSON that `JSON.parse` made: notes change own properties of arrays and ordinary
 * objects only. Three steps, so that cycles close: make every object, then link what refers to another, then fill Maps,
 * Sets and errors.
 */
export function decode(received: Received, options: DecodeOptions = {}): unknown {
  if (received.meta === undefined) return received.value;
  const top: Spot = { parent: undefined, key: "", note: undefined, depth: 0 };
  try {
    const { types, shared } = parts(received.meta, top);
    const reading: Reading = {
      attachments: received.attachments ?? [],
      shared,
      options,
      made: new Map(),
      links: [],
      fills: [],
    };
    const value = read(received.value, types, top, "", reading);
    for (const link of reading.links) link();
    for (const fill of reading.fills) fill();
    return value;
  } catch (error) {
    if (error instanceof SerializeError) throw error;
    throw malformed(top, "cannot be rebuilt", { cause: error });
  }
}

function parts(meta: unknown, top: Spot): { types: unknown; shared: readonly unknown[] } {
  if (!isFields(meta) || !Object.hasOwn(meta, "types")) throw malformed(top, "has a meta without types");
  const shared = Object.hasOwn(meta, "shared") ? meta["shared"] : [];
  if (!Array.isArray(shared)) throw malformed(top, "has shared values that are no list");
  return { types: meta["types"], shared };
}
