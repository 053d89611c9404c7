import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isShared, Shared } from "../../src/shared.ts";
import { serializer, sharedReferences } from "../../src/serializer/index.ts";
import { anything, fieldsOf, graph, plain } from "./values.ts";
import { received } from "./received.ts";
import { shape } from "./shape.ts";

function travel<T>(value: T): T {
  return serializer.decode(received(serializer.encode(value))) as T;
}

describe("what arrives is what left", () => {
  test("any tree of what is supported", () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(shape(travel(value))).toBe(shape(value));
      }),
      { numRuns: 1000 },
    );
  });

  test("any graph: what was one object is one object, cycles too", () => {
    fc.assert(
      fc.property(graph, (value) => {
        expect(shape(travel(value))).toBe(shape(value));
      }),
      { numRuns: 1000 },
    );
  });

  test("errors with what belongs to them", () => {
    class Refused extends Error {
      override name = "Refused";
      code = "E_NO";
      socket = () => {};
    }
    const cause = new Refused("inner", { cause: { at: new Date(3) } });
    const all = travel(new AggregateError([cause, 7], "outer"));
    expect(all).toBeInstanceOf(AggregateError);
    const [inner, seven] = all.errors as [Refused, number];
    expect(seven).toBe(7);
    expect(inner).toBeInstanceOf(Error);
    expect(Object.entries(inner)).toEqual([["code", "E_NO"]]);
    expect([inner.name, inner.message, inner.stack, inner.cause]).toEqual([
      "Refused",
      "inner",
      cause.stack,
      { at: new Date(3) },
    ]);
    expect(travel(new DOMException("gone", "AbortError"))).toMatchObject({
      name: "AbortError",
      message: "gone",
      code: 20,
    });
    expect("cause" in travel(new Error("none"))).toBe(false);
  });

  test("the viewed part of a buffer, on a buffer of its own", () => {
    const floats = new Float64Array([1, -0, NaN, 4]).subarray(1, 3);
    const arrived = travel({ a: 1, floats }).floats;
    expect([...arrived]).toEqual([-0, NaN]);
    expect([arrived.byteOffset, arrived.buffer.byteLength]).toEqual([0, 16]);
    const payload = new Uint8Array(new Float64Array([NaN]).buffer);
    payload[0] = 0x5a;
    expect(new Uint8Array(travel(new Float64Array(payload.buffer)).buffer)).toEqual(payload);
    expect(travel(Buffer.from("text")).toString()).toBe("text");
  });

  test("differences that are stated", () => {
    // oxlint-disable-next-line no-sparse-arrays
    expect(shape(travel([1, , 3]))).toBe(shape([1, undefined, 3]));
    expect(shape(travel(Object.assign(Object.create(null), { a: 1 })))).toBe(shape({ a: 1 }));
    expect(shape(travel(Object.defineProperty({ a: 1 }, "hidden", { value: 2 })))).toBe(shape({ a: 1 }));
    expect(shape(travel("xa".match(/a/)))).toBe(shape(["a"]));
  });

  test("accessors are read once, whatever stands beside them", () => {
    for (const beside of [1, new Date(0), NaN]) {
      let reads = 0;
      const value = {
        beside,
        get once() {
          return ++reads;
        },
      };
      expect(travel(value).once).toBe(1);
      expect(reads).toBe(1);
    }
  });

  test("a long list of dates and a long Map, in time that grows with them", () => {
    const value = {
      dates: Array.from({ length: 20_000 }, (_, day) => new Date(day)),
      map: new Map(Array.from({ length: 20_000 }, (_, n) => [{ n }, n])),
    };
    const arrived = travel({ value, again: [...value.map.keys()] });
    expect(arrived.value.dates).toEqual(value.dates);
    expect(arrived.again.every((object) => arrived.value.map.get(object) === object.n)).toBe(true);
  });
});

describe("plain values are JSON and nothing else", () => {
  test("any of them", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(serializer.encode(value)).toEqual({
          json: JSON.stringify(value),
          meta: undefined,
          attachments: undefined,
        });
      }),
      { numRuns: 1000 },
    );
  });

  test("long lists of numbers, many keys and keys that mean something to JavaScript", () => {
    const dictionary = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, n]));
    const numbers = Array.from({ length: 100 }, (_, n) => n / 7);
    for (const value of [
      dictionary,
      numbers,
      [numbers, dictionary],
      fieldsOf([
        ["__proto__", { x: 1 }],
        ["constructor", 2],
        ["prototype", null],
      ]),
    ]) {
      expect(serializer.encode(value)).toEqual({
        json: JSON.stringify(value),
        meta: undefined,
        attachments: undefined,
      });
    }
  });

  test("a number that JSON lacks is seen in a long list", () => {
    for (const odd of [NaN, Infinity, -0]) {
      const list = Array.from({ length: 100 }, (_, n) => (n === 60 ? odd : n + 1));
      expect(shape(travel(list))).toBe(shape(list));
    }
  });

  test("undefined costs nothing", () => {
    expect(serializer.encode(undefined)).toEqual({ json: "", meta: undefined, attachments: undefined });
  });

  test("JSON is complete without meta where it can be", () => {
    const row = { x: 1 };
    const { json } = serializer.encode({ first: row, best: row, when: new Date(0), tags: new Set(["a"]), size: 10n });
    expect(JSON.parse(json)).toEqual({
      first: { x: 1 },
      best: { x: 1 },
      when: "1970-01-01T00:00:00.000Z",
      tags: ["a"],
      size: "10",
    });
  });
});

describe("a shared value", () => {
  const sha256 = "ab".repeat(32);

  test("is named in meta, once", () => {
    const shared = new Shared<number>(sha256, 9);
    const meta = serializer.encode({ a: shared, b: [shared, new Shared(sha256, 9)] }).meta ?? "";
    expect(sharedReferences(JSON.parse(meta))).toEqual([sha256]);
    expect(sharedReferences(undefined)).toEqual([]);
  });

  test("arrives as its handle, or as the value that the caller has", () => {
    const encoded = serializer.encode({ table: new Shared<object>(sha256, 9) });
    const handle = (serializer.decode(received(encoded)) as { table: unknown }).table;
    expect(isShared(handle) && [handle.sha256, handle.bytes]).toEqual([sha256, 9]);
    const table = { rows: 3 };
    const asked: string[] = [];
    const shared = (name: string): unknown => (asked.push(name), table);
    expect((serializer.decode(received(encoded), { shared }) as { table: unknown }).table).toBe(table);
    expect(asked).toEqual([sha256]);
  });
});
