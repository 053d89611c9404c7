import { serializer } from "@skyburst/core/serializer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { QuickJson } from "../../src/thread/quick-json.ts";

const keys = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "constructor", "toJSON", "", '"'));
const anything = fc.anything({
  key: keys,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});
const plain = fc.jsonValue({ stringUnit: "binary" });

/** What a new one makes of a value, which is not kept from trying by values before. */
function written(value: object): string | undefined {
  const bytes = new QuickJson().member(value);
  return bytes && Buffer.from(bytes).toString();
}

function bySerializer(value: unknown): string | undefined {
  try {
    const { json, meta, attachments } = serializer.encode(value);
    return meta === undefined && attachments === undefined ? `,"value":${json}` : undefined;
  } catch {
    return undefined;
  }
}

test("what it writes is what the serializer writes, and what JSON does not say in full it leaves alone", () => {
  const objects = fc.oneof(anything, plain).filter((value) => typeof value === "object" && value !== null);
  fc.assert(
    fc.property(objects, (value) => {
      const bySame = bySerializer(value);
      expect(written(value) ?? bySame).toBe(bySame);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [{}, "{}"],
  [[], "[]"],
  [{ a: [1, { b: null }], c: true, d: false }, '{"a":[1,{"b":null}],"c":true,"d":false}'],
  [[0, 7, 10, 2_147_483_647, 2_147_483_648, -1, 0.1, 1e21], "[0,7,10,2147483647,2147483648,-1,0.1,1e+21]"],
  [["ä", "\u0000", '"', "\\", "\ud83d", "🙂", "s".repeat(100)], undefined],
  [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  [{ toJSON: "a text" }, '{"toJSON":"a text"}'],
])("it writes %j", (value: object, json: string | undefined) => {
  expect(written(value)).toBe(`,"value":${json ?? JSON.stringify(value)}`);
});

const one = {};
const cycle: { self?: unknown } = {};
cycle.self = cycle;

test.each<readonly [string, object]>([
  ["undefined", { a: undefined }],
  ["NaN", [Number.NaN]],
  ["-0", [-0]],
  ["a hole", Array(1)],
  ["a date", new Date(0)],
  ["a date inside", { a: new Date(0) }],
  ["a class instance", new Headers()],
  ["a function", { a: () => 1 }],
  ["a symbol as key", { [Symbol("key")]: 1 }],
  ["what only inherits from Array", Object.create(Array.prototype)],
  ["an object that comes twice", [one, one]],
  ["a cycle", cycle],
  [
    "an accessor that throws",
    {
      get a() {
        throw new Error("no");
      },
    },
  ],
  ["a long text", { a: "s".repeat(10_000) }],
  ["texts that are long together", Array(1000).fill("s".repeat(40))],
  ["many objects", Array.from({ length: 17 }, () => ({}))],
])("it leaves %s to the serializer", (_, value) => {
  expect(written(value)).toBeUndefined();
});

test("after one in vain some are not tried, and then it is tried again", () => {
  const quick = new QuickJson();
  expect(quick.member([new Date(0)])).toBeUndefined();
  const tried = Array.from({ length: 100 }, () => quick.member([1]) !== undefined);
  expect(tried[0]).toBe(false);
  expect(tried.at(-1)).toBe(true);
  expect(tried.slice(tried.indexOf(true))).not.toContain(false);
});

test("what all objects inherit is nobody's own", () => {
  const everywhere = Object.prototype as { extra?: number };
  everywhere.extra = 1;
  try {
    expect(written({ a: 1 })).toBeUndefined();
  } finally {
    delete everywhere.extra;
  }
  expect(written({ a: 1 })).toBe(',"value":{"a":1}');
});
