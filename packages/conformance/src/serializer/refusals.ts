import { refusedAt, type SerializerTest } from "./stage.ts";

export function refusalTests(test: SerializerTest): void {
  for (const [what, value] of NEVER) {
    test(`name the part: ${what}`, ({ serializer }) => {
      refusedAt(serializer, value());
      refusedAt(serializer, { outer: [0, { inner: value() }] }, "outer", "inner");
    });
  }

  test("come in time: 100,000 levels are no stack overflow", ({ serializer }) => {
    for (const wrap of [(inner: unknown) => [inner], (next: unknown) => ({ next })]) {
      let value: unknown = 1;
      for (let level = 0; level < 100_000; level += 1) value = wrap(value);
      refusedAt(serializer, value);
    }
  });

  test("are not evaded by toJSON", ({ serializer }) => {
    refusedAt(serializer, { inner: { toJSON: () => 1 } }, "inner");
  });
}

/** Of a class that nobody else knows, so that nobody can bring it back. */
class Unknown {
  readonly x = 1;
}

/** What lives in its process alone. */
const NEVER: readonly (readonly [what: string, value: () => unknown])[] = [
  ["a function", () => () => 1],
  ["a symbol", () => Symbol("s")],
  ["an instance of a class", () => new Unknown()],
  ["a promise", () => Promise.resolve(1)],
  ["a WeakMap", () => new WeakMap()],
  ["shared memory", () => new SharedArrayBuffer(8)],
];
