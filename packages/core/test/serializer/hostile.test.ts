import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/store.ts";
import { Shared } from "../../src/shared.ts";
import { SerializeError, serializer } from "../../src/serializer/index.ts";
import { BINARY } from "../../src/serializer/bytes.ts";
import { received } from "./received.ts";
import { anything, key } from "./values.ts";

const honest = [
  Object,
  Array,
  Map,
  Set,
  Date,
  RegExp,
  URL,
  Error,
  TypeError,
  RangeError,
  EvalError,
  ReferenceError,
  SyntaxError,
  URIError,
];
const prototypes = new Set<unknown>([
  ...honest.map(({ prototype }) => prototype),
  AggregateError.prototype,
  Shared.prototype,
]);
for (const { prototype } of BINARY.values()) prototypes.add(prototype);
const untouched = [...prototypes].map((prototype) => [prototype, Reflect.ownKeys(Object(prototype))] as const);

/** What comes of decoding: `data`, `malformed`, or the harm that was done. */
function outcome(value: Json, meta: Json): string {
  const attachments = [new Uint8Array(16), new Uint8Array(3)];
  try {
    return (
      harm(serializer.decode({ value: structuredClone(value), meta, attachments }), new Set()) ?? pollution() ?? "data"
    );
  } catch (error) {
    return error instanceof SerializeError ? (pollution() ?? error.code) : String(error);
  }
}

function pollution(): string | undefined {
  const changed = untouched.find(([prototype, keys]) => !isDeepStrictEqual(Reflect.ownKeys(Object(prototype)), keys));
  return changed === undefined ? undefined : "a prototype was changed";
}

function harm(value: unknown, seen: Set<unknown>): string | undefined {
  if (typeof value === "function") return `a function: ${value.name}`;
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (!prototypes.has(Object.getPrototypeOf(value))) return "an object with a strange prototype";
  for (const inner of inside(value)) {
    const found = harm(inner, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inside(value: object): unknown[] {
  if (ArrayBuffer.isView(value)) return [];
  const items = value instanceof Map || value instanceof Set ? [...value].flat() : [];
  const properties = Object.values(Object.getOwnPropertyDescriptors(value));
  return [...items, ...properties.map((property): unknown => property.value)];
}

const types = [
  "",
  "Date",
  "Map",
  "Set",
  "Error",
  "RegExp",
  "URL",
  "bigint",
  "number",
  "undefined",
  "Shared",
  "=",
  "#",
  "Float64Array",
  "Buffer",
];
const type = fc.oneof(fc.constantFrom(...types), key);
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const notes: fc.Arbitrary<Json> = fc.letrec<{ note: Json }>((tie) => ({
  note: fc.oneof(
    { maxDepth: 5 },
    type,
    fc.tuple(type, fc.integer({ min: -1, max: 3 })),
    fc.tuple(fc.constant("#"), fc.integer({ min: 0, max: 2 }), tie("note")),
    fc
      .tuple(type, fc.array(fc.tuple(fc.oneof(key, fc.nat(3)), tie("note")), { maxLength: 4 }))
      .map(([of, pairs]) => [of, ...pairs.flat()]),
    json,
  ),
})).note;

const harmless = ["data", "malformed"];

describe("whatever arrives is data, or is refused", () => {
  test("any JSON with any notes", () => {
    let good = 0;
    fc.assert(
      fc.property(json, notes, (value, note) => {
        const found = outcome(value, { types: note, shared: [["ab".repeat(32), 3]] });
        expect(harmless).toContain(found);
        if (found === "data") good++;
      }),
      { numRuns: 3000 },
    );
    expect(good).toBeGreaterThan(50);
  });

  test("any JSON for a meta", () => {
    fc.assert(
      fc.property(json, json, (value, meta) => {
        expect(harmless).toContain(outcome(value, meta));
      }),
      { numRuns: 500 },
    );
  });

  test("what was honest until someone changed a part of it", () => {
    fc.assert(
      fc.property(anything, fc.nat(), notes, fc.boolean(), (value, position, part, inMeta) => {
        const { value: sent = null, meta = { types: "" } } = received(serializer.encode({ value }));
        const found = inMeta
          ? outcome(sent, exchange(meta, position, part))
          : outcome(exchange(sent, position, part), meta);
        expect(harmless).toContain(found);
      }),
      { numRuns: 1000 },
    );
  });

  test.each<[string, Json, Json]>([
    ["a note on __proto__", {}, ["", "__proto__", ["", "polluted", "undefined"]]],
    ["on an inherited property", {}, ["", "toString", "undefined"]],
    ["through a constructor", { a: 1 }, ["", "constructor", ["", "prototype", ["", "x", "undefined"]]]],
    ["on the length of an array", [1], ["", "length", "undefined"]],
    ["past the end of an array", [1], ["", 1, "undefined"]],
    ["inside a string", "text", ["", 0, "undefined"]],
    ["twice on one key", { a: [] }, ["", "a", "", "a", "Map"]],
    ["an unknown type", 1, "Function"],
    ["a type that every object has", 1, "constructor"],
    ["a pattern that is none", "/(/", "RegExp"],
    ["an address that is none", "nowhere", "URL"],
    ["a date that is none", "soon", "Date"],
    ["a number that is none", "12", "number"],
    ["a bigint that is none", "0x10", "bigint"],
    ["bytes that are not there", null, ["Uint8Array", 9]],
    ["bytes of the wrong length", null, ["Float64Array", 1]],
    ["a shared value that is not there", null, ["Shared", 7]],
    ["an object that is not there", { a: null }, ["", "a", ["=", 1]]],
    ["a row that is no pair", [[1]], "Map"],
  ])("%s is malformed", (_, value, note) => {
    expect(outcome(value, { types: note })).toBe("malformed");
  });

  test("notes of 100,000 levels", () => {
    let value: Json = 1;
    let note: Json = "undefined";
    for (let level = 0; level < 100_000; level++) [value, note] = [[value], ["", 0, note]];
    expect(() => serializer.decode({ value, meta: { types: note } })).toThrow(/too many levels/);
  });

  test("a key named __proto__ that carries a note stays a key", () => {
    const value = JSON.parse('{"__proto__":"1970-01-01T00:00:00.000Z"}') as Json;
    const arrived = serializer.decode({ value, meta: { types: ["", "__proto__", "Date"] } });
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(arrived, "__proto__")?.value).toEqual(new Date(0));
  });
});

/** `tree` with its part number `position`, in some order, exchanged. */
function exchange(tree: Json, position: number, part: Json): Json {
  const copy: { tree: Json } = { tree: structuredClone(tree) };
  const slots: [object, string][] = [];
  const visit = (container: object): void => {
    for (const [name, inner] of Object.entries(container)) {
      slots.push([container, name]);
      if (typeof inner === "object" && inner !== null) visit(inner);
    }
  };
  visit(copy);
  const [container, name] = slots[position % slots.length] ?? [copy, "tree"];
  Object.defineProperty(container, name, { value: part, writable: true, enumerable: true, configurable: true });
  return copy.tree;
}
