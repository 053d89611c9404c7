import { types } from "node:util";

/** The bytes of a buffer or view, without a copy: of a view only the part that it shows. `undefined` for shared memory. */
export function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array | undefined {
  if (!ArrayBuffer.isView(value)) return new Uint8Array(value);
  if (types.isSharedArrayBuffer(value.buffer)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

interface Binary {
  readonly prototype: object;
  readonly of: (buffer: ArrayBuffer) => unknown;
}

/** Each kind of bytes by name, and how one is made of a buffer of its own. A Buffer arrives as the Buffer that its type says. */
export const BINARY: ReadonlyMap<string, Binary> = new Map<string, Binary>([
  ["ArrayBuffer", { prototype: ArrayBuffer.prototype, of: (buffer) => buffer }],
  ["Buffer", { prototype: Buffer.prototype, of: (buffer) => Buffer.from(buffer) }],
  ...views().map((View): [string, Binary] => [
    View.name,
    { prototype: View.prototype, of: (buffer) => new View(buffer) },
  ]),
]);

interface ViewClass {
  readonly name: string;
  readonly prototype: object;
  new (buffer: ArrayBuffer): ArrayBufferView;
}

function views(): ViewClass[] {
  const known: ViewClass[] = [
    DataView,
    Uint8Array,
    Uint8ClampedArray,
    Int8Array,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
  ];
  known.push(Float32Array, Float64Array, BigInt64Array, BigUint64Array);
  // Newer than the oldest Node that is supported.
  const half: unknown = Reflect.get(globalThis, "Float16Array");
  return isClass(half) ? [...known, half] : known;
}

function isClass(value: unknown): value is ViewClass {
  return typeof value === "function";
}
