import { Readable } from "node:stream";
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { SerializeError, serializer } from "../../src/serializer/index.ts";

function refusal(value: unknown): SerializeError {
  try {
    serializer.encode(value);
  } catch (error) {
    if (error instanceof SerializeError) return error;
    throw error;
  }
  throw new Error("it was encoded");
}

class Point {
  x = 1;
}
class Days extends Date {}

describe("what cannot travel is refused by path", () => {
  test.each<[string, unknown, string, RegExp]>([
    ["a function", () => 1, "$", /^\$ is a function.*task's module/],
    ["a method", { a: [0, { run() {} }] }, "$.a[1].run", /a function \(run\)/],
    ["toJSON", { toJSON: () => 1 }, "$.toJSON", /not called: pass what it returns/],
    ["a symbol", { "odd key": [Symbol("s")] }, '$["odd key"][0]', /a symbol \(Symbol\(s\)\).*Use a string/],
    ["a symbol as a key", { a: { [Symbol("tag")]: 1 } }, "$.a", /has the key Symbol\(tag\)/],
    ["an instance", { p: new Point() }, "$.p", /an instance of Point.*plain object/],
    ["an instance of a subclass of Date", [new Days()], "$[0]", /an instance of Days/],
    ["of a subclass of Map", [new (class Index extends Map {})()], "$[0]", /an instance of Index/],
    ["of a subclass of Array", new (class List extends Array {})(), "$", /an instance of List/],
    ["of a subclass of a typed array", new (class Pixels extends Uint8Array {})(2), "$", /an instance of Pixels/],
    ["an object with inherited fields", Object.create({ a: 1 }), "$", /prototype of its own/],
    ["a promise", { later: Promise.resolve(1) }, "$.later", /a Promise.*Await it/],
    ["a WeakMap", [new WeakMap()], "$[0]", /a WeakMap/],
    ["a stream", Readable.from([]), "$", /a Readable.*bytes/],
    ["a web stream", new ReadableStream(), "$", /a ReadableStream.*bytes/],
    ["a blob", new Blob([]), "$", /arrayBuffer/],
    ["a boxed number", [Object(1)], "$[0]", /primitive/],
    ["a generator", (function* () {})(), "$", /array/],
    ["shared memory", { m: new SharedArrayBuffer(8) }, "$.m", /a SharedArrayBuffer.*copy/],
    [
      "a view on shared memory",
      { m: new Uint8Array(new SharedArrayBuffer(8)) },
      "$.m",
      /view on a SharedArrayBuffer.*slice/,
    ],
    [
      "a Map's key",
      {
        m: new Map<unknown, unknown>([
          [1, 2],
          [Symbol.iterator, 2],
        ]),
      },
      "$.m.keys[1]",
      /symbol/,
    ],
    ["a Map's value", { m: new Map([["a", { f: () => 1 }]]) }, "$.m.values[0].f", /function/],
    ["a Set's item", [new Set([1, () => 1])], "$[0].values[1]", /function/],
    ["an error's cause", new Error("x", { cause: { s: Symbol() } }), "$.cause.s", /symbol/],
    ["an array that is mostly holes", { a: Object.assign([], { 4_000_000_000: 1 }) }, "$.a", /mostly holes/],
  ])("%s", (_, value, path, message) => {
    const error = refusal(value);
    expect(error).toMatchObject({ name: "SerializeError", code: "unsupported", path, retryable: false });
    expect(error.message).toMatch(message);
  });

  test("an accessor that throws, with its reason", () => {
    const cause = new Error("closed");
    const error = refusal({
      get broken() {
        throw cause;
      },
    });
    expect(error).toMatchObject({ code: "unsupported", cause });
    expect(error.message).toContain("closed");
  });
});

describe("too many levels", () => {
  function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = wrap(value);
    return value;
  }

  test.each<[string, (inner: unknown) => unknown]>([
    ["arrays", (inner) => [inner]],
    ["objects", (next) => ({ next })],
    ["Maps", (inner) => new Map([[inner, inner]])],
    ["errors", (cause) => new Error("x", { cause })],
  ])("100,000 of %s are refused, not a stack overflow", (_, wrap) => {
    const error = refusal(nested(100_000, wrap));
    expect(error.code).toBe("too-deep");
    expect(error.message).toMatch(/more than 1000 levels.*Flatten/);
  });

  test("refused too on a stack that is almost used up", () => {
    const value = nested(900, (inner) => [inner]);
    const { encode } = serializer;
    const thrown: unknown[] = [];
    // On the way back from the end of the stack, at every 50th frame, until there is room enough.
    function dive(depth: number): boolean {
      try {
        if (dive(depth + 1)) return true;
      } catch {
        // The end of the stack.
      }
      if (depth % 50 > 0) return false;
      try {
        return encode(value).json.length > 0;
      } catch (error) {
        thrown.push(error);
        return false;
      }
    }
    expect(dive(0)).toBe(true);
    expect(
      thrown.filter((error) => error instanceof SerializeError && error.code === "too-deep").length,
    ).toBeGreaterThan(0);
    expect(thrown.filter((error) => !(error instanceof SerializeError || error instanceof RangeError))).toEqual([]);
  });
});

test("an object of another realm is as good as one of this", () => {
  const value: unknown = runInContext("({ a: { b: 1 } })", createContext());
  expect(serializer.encode(value).json).toBe('{"a":{"b":1}}');
});
