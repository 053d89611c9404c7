import { types } from "node:util";
import { isShared } from "../shared.ts";
import type { Shared } from "../shared.ts";
import { BINARY, bytesOf } from "./bytes.ts";
import { errorFields } from "./error-values.ts";
import { quote } from "./quote.ts";

/** What an object that is neither plain nor an array is made of: a type for its note, and what stands in its place in the JSON. */
export type Kind =
  | { readonly type: "Date" | "RegExp" | "URL"; readonly json: string }
  | { readonly type: "Error"; readonly fields: object }
  | { readonly type: "Set"; readonly items: readonly unknown[] }
  | { readonly type: "Map"; readonly rows: readonly (readonly [key: unknown, value: unknown])[] }
  | { readonly type: "bytes"; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: "Shared"; readonly shared: Shared<unknown> };

/** `undefined` when the object is of no supported kind. An instance of a subclass is of none, since it would lose its class. */
export function kindOf(value: object, prototype: unknown): Kind | undefined {
  if (prototype === Date.prototype && types.isDate(value)) {
    return { type: "Date", json: Number.isNaN(value.getTime()) ? "null" : `"${value.toISOString()}"` };
  }
  if (prototype === Map.prototype && types.isMap(value)) return { type: "Map", rows: [...value] };
  if (prototype === Set.prototype && types.isSet(value)) return { type: "Set", items: [...value] };
  if (types.isNativeError(value) || value instanceof Error) return { type: "Error", fields: errorFields(value) };
  if (prototype === RegExp.prototype && types.isRegExp(value))
    return { type: "RegExp", json: quote(`/${value.source}/${value.flags}`) };
  if (prototype === URL.prototype && value instanceof URL) return { type: "URL", json: quote(value.href) };
  if (isShared(value)) return { type: "Shared", shared: value };
  return binary(value, prototype);
}

function binary(value: object, prototype: unknown): Kind | undefined {
  if (!ArrayBuffer.isView(value) && !types.isArrayBuffer(value)) return undefined;
  for (const [name, kind] of BINARY) {
    if (kind.prototype === prototype) return bytesKind(name, bytesOf(value));
  }
  return undefined;
}

function bytesKind(name: string, bytes: Uint8Array | undefined): Kind | undefined {
  return bytes === undefined ? undefined : { type: "bytes", name, bytes };
}
