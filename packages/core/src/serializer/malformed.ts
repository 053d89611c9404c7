import { SerializeError } from "./errors.ts";
import { pathTo } from "./note.ts";
import type { Place } from "./note.ts";
import type { Json, JsonObject } from "../store.ts";

/** What is wrong with a value that arrived; for the caller to throw. */
export function malformed(place: Place, what: string, options?: { cause?: unknown }): SerializeError {
  const path = pathTo(place);
  const message = `The value that was read ${what} (at ${path}): it was damaged, or written by another serializer or version.`;
  return new SerializeError("malformed", path, message, options);
}

/** The place of the whole value. */
export const ROOT: Place = Object.freeze({ parent: undefined, key: "", note: undefined });

export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw malformed(ROOT, "is not JSON", { cause });
  }
}

export function parseObject(text: string): JsonObject {
  const parsed = parseJson(text);
  if (isJsonObject(parsed)) return parsed;
  throw malformed(ROOT, "is no object of value and meta");
}

function isJsonObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
