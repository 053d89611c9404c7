import fc from "fast-check";

/** Strings of any UTF-16 units, lone surrogates and control characters among them. */
const text = fc.oneof(
  fc.string(),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
);

/** Keys that have a meaning to JavaScript are to travel as any other. */
export const key = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "toJSON",
    "types",
    "",
    "0",
    "a.b",
  ),
);

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

const plainLeaf = fc.oneof(
  text,
  finite.map((value) => (value === 0 ? 0 : value)),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

/** Values that JSON holds without loss. */
export const plain: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small", withCrossShrink: true }, plainLeaf, tie("list"), tie("fields")),
  list: fc.array(tie("value"), { maxLength: 12 }),
  fields: fc.array(fc.tuple(key, tie("value")), { maxLength: 12 }).map(fieldsOf),
})).value;

/** An object with exactly these own properties, `__proto__` among them if it is given. */
export function fieldsOf(entries: readonly (readonly [string, unknown])[]): object {
  const made = {};
  for (const [name, value] of entries)
    Object.defineProperty(made, name, { value, writable: true, enumerable: true, configurable: true });
  return made;
}

const views: (new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView)[] = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];
const memory = fc.uint8Array({ minLength: 64, maxLength: 96 });

/** A view on the middle of a larger buffer. */
const view = fc
  .tuple(memory, fc.constantFrom(...views), fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }))
  .map(([bytes, View, offset, length]) => new View(bytes.slice().buffer, offset * 8, length));

const patterns = [/a\/b+/gi, /[\]\\/]/su, /\n/, new RegExp(""), new RegExp("\n\u2028")];
const address = fc.webUrl({ withFragments: true, withQueryParameters: true }).map((url) => new URL(url));

const leaf = fc.oneof(
  plainLeaf,
  fc.constantFrom(undefined, NaN, Infinity, -Infinity, -0),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(...patterns),
  address,
  view,
  memory.map((bytes) => bytes.slice().buffer),
  memory.map((bytes) => Buffer.from(bytes).subarray(3, 20)),
);

/** Trees of everything that is supported. */
export const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    tie("list"),
    tie("fields"),
    tie("map"),
    tie("set"),
    tie("error"),
  ),
  list: fc.array(tie("value"), { maxLength: 10 }),
  fields: fc.array(fc.tuple(key, tie("value")), { maxLength: 10 }).map(fieldsOf),
  map: fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 6 }).map((rows) => new Map(rows)),
  set: fc.array(tie("value"), { maxLength: 6 }).map((items) => new Set(items)),
  error: fc
    .tuple(fc.constantFrom(Error, TypeError, RangeError), text, tie("value"))
    .map(([Kind, message, cause]) => new Kind(message, { cause })),
})).value;

/** Trees of what superjson has too, without the keys that it refuses; no object twice, which changes the order of its Maps. */
export const common: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    plainLeaf,
    fc.constantFrom(undefined, NaN, Infinity, -Infinity, -0),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.constantFrom(...patterns).map((pattern) => new RegExp(pattern)),
    address,
    tie("list"),
    tie("fields"),
    tie("map"),
    tie("set"),
  ),
  list: fc.array(tie("value"), { maxLength: 10 }),
  fields: fc.dictionary(
    fc.string({ unit: "grapheme" }).map((name) => `_${name}`),
    tie("value"),
    { maxKeys: 10, noNullPrototype: true },
  ),
  map: fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 6 }).map((rows) => new Map(rows)),
  set: fc.array(tie("value"), { maxLength: 6 }).map((items) => new Set(items)),
})).value;

/** Objects that refer to one another at random, in cycles too. */
export const graph: fc.Arbitrary<unknown> = fc
  .array(
    fc.tuple(fc.constantFrom("fields", "list", "map", "set", "error", "date"), fc.array(fc.nat(9), { maxLength: 4 })),
    { minLength: 1, maxLength: 10 },
  )
  .map(connect);

function connect(nodes: readonly (readonly [kind: string, edges: readonly number[]])[]): unknown {
  const objects = nodes.map(([kind]) => empty(kind));
  for (const [index, [, edges]] of nodes.entries()) {
    for (const edge of edges) refer(objects[index], objects[edge % objects.length]);
  }
  return objects[0];
}

function empty(kind: string): object {
  if (kind === "list") return [];
  if (kind === "map") return new Map();
  if (kind === "set") return new Set();
  if (kind === "error") return new Error("e");
  return kind === "date" ? new Date(7) : {};
}

function refer(from: object | undefined, to: unknown): void {
  if (Array.isArray(from)) from.push(to);
  else if (from instanceof Map) from.set(to, from.size).set(from.size, to);
  else if (from instanceof Set) from.add(to);
  else if (from instanceof Error)
    Object.defineProperty(from, "cause", { value: to, configurable: true, writable: true, enumerable: false });
  else if (from !== undefined && !(from instanceof Date)) Object.assign(from, { [`k${Object.keys(from).length}`]: to });
}
