import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectAll, eventually, linesOf, openSession } from "./session-under-test.ts";
import { crowd, echo, gated, large, lookUp, square, unsendable } from "./tasks.ts";

async function* asyncly<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

function* upTo(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}

test("no inputs end at once, whatever holds them", async () => {
  const { session, end } = await openSession();
  expect(await session.map(square, []).values()).toEqual([]);
  expect(await session.map(square, upTo(0)).values()).toEqual([]);
  expect(await session.map(square, asyncly<number>([])).values()).toEqual([]);
  expect((await end()).size).toBe(0);
});

test("generators, sets and async generators are inputs as arrays are", async () => {
  const { session, end } = await openSession();
  expect(await session.map(square, upTo(3000)).values()).toEqual([...upTo(3000)].map((n) => n * n));
  expect(await session.map(square, new Set([1, 2])).values()).toEqual([1, 4]);
  expect(await session.map(square, asyncly(upTo(1500))).values()).toEqual([...upTo(1500)].map((n) => n * n));
  expect((await end()).size).toBe(4502);
});

test("outcomes come while an async generator is still waiting for its next value", async () => {
  const { session, end } = await openSession();
  const seen: number[] = [];
  async function* fed() {
    // Each input waits for the outcome of the one before: a map that gathered them would wait for ever.
    for (let n = 0; n < 5; n++) {
      yield n;
      await eventually(`The outcome of ${n}`, () => seen.includes(n));
    }
    // Two inputs shortly after another, and then a long wait.
    yield 5;
    yield 6;
    await eventually("The outcomes of 5 and 6", () => seen.includes(5) && seen.includes(6));
  }
  for await (const { index } of session.map(square, fed())) seen.push(index);
  expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  await end();
});

test("break stops an endless generator, which is told", async () => {
  const { session, end } = await openSession();
  let told = false;
  async function* endless() {
    try {
      for (let n = 0; ; n++) yield n;
    } finally {
      told = true;
    }
  }
  let count = 0;
  for await (const outcome of session.map(square, endless()))
    if (outcome.status === "succeeded" && ++count === 10) break;
  await eventually("The generator's end", () => told);
  expect((await end()).size).toBeGreaterThanOrEqual(10);
});

test("an endless sync generator is read at most 100,000 inputs ahead", async () => {
  const { session, end } = await openSession();
  let read = 0;
  function* endless() {
    for (;;) yield read++;
  }
  let taken = 0;
  let most = 0;
  for await (const _ of session.map(square, endless())) {
    taken++;
    most = Math.max(most, read - taken);
    if (taken === 150_000) break;
  }
  // Up to one commit's worth of outcomes is in the consumer's hands, and up to one segment in the reader's.
  expect(most).toBeLessThan(105_000);
  await end();
}, 120_000);

test("inputs that throw end the map with their error, and keep what is committed", async () => {
  const { session, end } = await openSession();
  const seen: number[] = [];
  async function* broken() {
    yield 1;
    yield 2;
    await eventually("Two outcomes", () => seen.length === 2);
    throw new Error("the file ended in the middle");
  }
  const failure = await (async () => {
    for await (const { index } of session.map(square, broken())) seen.push(index);
  })().catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: "the file ended in the middle" });
  const stored = await end();
  expect([...stored.values()].map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
});

test("a generator whose end throws harms nobody who left it", async () => {
  const { session, end } = await openSession();
  async function* badEnd() {
    try {
      for (let n = 0; ; n++) yield n;
    } finally {
      // oxlint-disable-next-line no-unsafe-finally
      throw new Error("from the generator's end");
    }
  }
  for await (const _ of session.map(square, badEnd())) break;
  expect(await session.map(square, [4]).values()).toEqual([16]);
  await end();
});

test("an input that can't travel is named by index and path, and nothing runs", async () => {
  const { session, end } = await openSession();
  const inputs = [{ a: 1 }, { a: { b: [1, () => 1] } }];
  const failure = await collectAll(session.map(echo, inputs as never)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "SkyburstError", code: "input" });
  expect(String(failure)).toMatch(/Input 1 .*a\.b\[1\]/);
  expect((await end()).size).toBe(0);
});

test("a result that can't travel fails its task, by path", async () => {
  const { session, end } = await openSession();
  const outcomes = await collectAll(session.map(unsendable, [0, 1, 2]));
  expect(outcomes.map(({ status }) => status)).toEqual(["succeeded", "failed", "succeeded"]);
  const [, failed] = outcomes;
  expect(failed?.status === "failed" && failed.error.message).toMatch(/deep\[1\]\.here/);
  await end();
});

test("values of every kind come back as they went", async () => {
  const { session, end } = await openSession();
  const values = [
    undefined,
    null,
    -0,
    Number.NaN,
    12n,
    "",
    "\u2028",
    new Date(0),
    /a+/gi,
    new URL("https://example.org/a?b"),
    new Uint8Array([1, 2, 255]),
    new Float64Array([1.5, -0]),
    new Map<unknown, unknown>([["a", new Set([1, 2])]]),
    { nested: [undefined, { at: new Date(5) }] },
    JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as unknown,
    new RangeError("as data", { cause: "why" }),
  ];
  const back = await session.map(echo, values).values();
  expect(back).toEqual(values);
  expect(Object.is(back[2], -0)).toBe(true);
  expect({}).not.toHaveProperty("polluted");
  await end();
});

test("inputs and results over 256 KiB travel as blobs", async () => {
  const { session, end } = await openSession();
  const inputs = [
    "a".repeat(300_000),
    new Uint8Array(400_000).fill(7),
    { text: "b".repeat(270_000), at: new Date(1) },
    "small",
  ];
  expect(await session.map(echo, inputs).values()).toEqual(inputs);
  const stored = await end();
  expect([...stored.values()].map((line) => line.status === "succeeded" && line.blob !== undefined)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test("results that are more than a commit holds are spread over blobs and further turns", async () => {
  const { session, end } = await openSession({ commitInterval: 60_000 });
  const sizes = Array.from({ length: 120 }, (_, n) => 200_000 + n);
  const values = await session.map(large, sizes, {}).values();
  expect(values.map((value) => value.length)).toEqual(sizes);
  await end();
});

test("a shared value is fetched once per worker", async () => {
  const { session, end } = await openSession();
  const table = await session.share(
    new Map([
      ["x", 1],
      ["y", 2],
    ]),
  );
  expect(
    await session.share(
      new Map([
        ["x", 1],
        ["y", 2],
      ]),
    ),
  ).toEqual(table);
  const keys = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? "x" : "y"));
  const values = await session
    .map(
      lookUp,
      keys.map((key) => ({ table, key })),
    )
    .values();
  expect(values.map(({ value }) => value)).toEqual(keys.map((key) => (key === "x" ? 1 : 2)));
  await end();
});

test("concurrency runs tasks that wait side by side on one slot", async () => {
  const { session, scratch, end } = await openSession({ workers: 1 });
  await session
    .map(
      crowd,
      Array.from({ length: 8 }, () => ({ scratch, n: 8 })),
      { concurrency: 8 },
    )
    .values();
  expect(Math.max(...linesOf(join(scratch, "crowd")).map(Number))).toBe(8);
  await end();
});

test("an outcome shows while other tasks of its map still run", async () => {
  const { session, scratch, end } = await openSession({ workers: 1 });
  const seen: number[] = [];
  writeFileSync(join(scratch, "gate-0"), "");
  const watching = (async () => {
    for await (const { index } of session.map(gated, [
      { scratch, n: 0 },
      { scratch, n: 1 },
    ]))
      seen.push(index);
  })();
  await eventually("The first outcome while the second task runs", () => seen.length === 1);
  writeFileSync(join(scratch, "gate-1"), "");
  await watching;
  expect(seen).toEqual([0, 1]);
  await end();
});
