import type { Json, JsonObject } from "../store.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";

/**
 * Turns values into text and bytes, and back, in another process on another machine.
 *
 * The protocol calls `encode` where a value is made and `decode` where it is used; it never looks inside. What both do is
 * synchronous and pure. A value that came without `meta` and attachments is JSON as it stands, so `decode` is not called for it.
 */
export interface Serializer {
  /**
   * How a worker opens this same serializer: a module that exports `open(options): Serializer`, and JSON to call it with. The
   * module is a package, as the task's own project imports it, or a file by its URL (`import.meta.url`); it becomes a part of
   * the task's program. Only the built-in serializer needs none.
   */
  readonly reference?: { readonly module: string; readonly options: JsonObject } | undefined;

  /** @throws {SerializeError} when the value, or a part of it, cannot travel; `path` says which part. */
  encode(value: unknown): Encoded;

  /**
   * The value again. It may be built out of `received`, which must not be used afterwards; attachments are copied.
   * Whatever `received` holds, no code of it runs and no prototype changes.
   *
   * @throws {SerializeError} `malformed` when `received` is not what `encode` makes.
   */
  decode(received: Received, options?: DecodeOptions): unknown;
}

/** One value on its way out. */
export interface Encoded {
  /** JSON on one line, readable by itself as far as JSON can say it; `""` is the value `undefined`, which costs nothing. */
  readonly json: string;
  /**
   * JSON on one line: what `json` alone does not say. `undefined` when `json` is the whole truth. One that refers to shared
   * values is an object with `shared: [sha256, bytes][]`.
   */
  readonly meta: string | undefined;
  /**
   * Raw bytes that `meta` refers to by position. They may be views on memory of the value: they are to be copied or
   * written before anyone can change it.
   */
  readonly attachments: readonly Uint8Array[] | undefined;
}

/** One value as it arrives: the two texts of {@link Encoded} already parsed, since they come inside other JSON. */
export interface Received {
  readonly value?: Json | undefined;
  readonly meta?: Json | undefined;
  readonly attachments?: readonly Uint8Array[] | undefined;
}

export interface DecodeOptions {
  /** The value of a shared one, put in place of its handle. Without it the handle itself arrives. */
  readonly shared?: ((sha256: string) => unknown) | undefined;
}

/**
 * The built-in serializer. Beyond JSON: `undefined`, NaN, ±Infinity, -0, bigint, Date (invalid ones too), RegExp, URL, Map,
 * Set, errors (as {@link Error} or the built-in subclass of that name, with stack, code, cause and `errors`), ArrayBuffer,
 * DataView, Buffer and every typed array (only the viewed part, on a buffer of its own), {@link Shared}, any key, cycles,
 * and references: what was one object is one object again.
 *
 * It differs from the original in these: a hole of an array arrives as `undefined`; an object without prototype, as an
 * ordinary one; an accessor, which is read once, as its value; non-enumerable properties, named properties of arrays and
 * a RegExp's `lastIndex` stay behind. `toJSON` is not called.
 *
 * Refused by path: functions, symbols (keys too), class instances, promises, streams and all else that lives in its process, SharedArrayBuffer;
 * arrays that are mostly holes; more than 1,000 levels (`too-deep`).
 */
export const serializer: Serializer = Object.freeze({ encode, decode });
