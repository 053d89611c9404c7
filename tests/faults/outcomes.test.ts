import { expect, expectTypeOf, test } from "vitest";
import type { Outcome } from "@skyburst/core";
import { collectAll, linesOf, openSession } from "./session-under-test.ts";
import { badNeighbour, fatal, flaky, killer, rejecting, slow, square, throwing } from "./tasks.ts";
import { join } from "node:path";

test("a map gives each outcome once, typed, and values in input order", async () => {
  const { session, end } = await openSession();
  const inputs = Array.from({ length: 500 }, (_, n) => n);
  const outcomes = await collectAll(session.map(square, inputs));
  expectTypeOf(outcomes).toEqualTypeOf<Outcome<number>[]>();
  expect(outcomes.map(({ index, status, attempts }) => [index, status, attempts])).toEqual(
    inputs.map((n) => [n, "succeeded", 1]),
  );
  expect(await session.map(square, inputs).values()).toEqual(inputs.map((n) => n * n));
  expect((await end()).size).toBe(1000);
});

test("values() names the failed indexes and carries their errors", async () => {
  const { session, end } = await openSession();
  const failure = await session
    .map(rejecting, [0, 1, 2, 3, 4])
    .values()
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AggregateError);
  expect((failure as AggregateError).message).toContain("2 of 5 tasks did not succeed: 1, 3.");
  expect((failure as AggregateError).errors.map((error: Error) => error.message)).toEqual(["odd 1", "odd 3"]);
  await end();
});

test("whatever a task throws becomes an outcome, with the user's own file and line", async () => {
  const { session, end } = await openSession();
  const outcomes = await collectAll(session.map(throwing, ["error", "custom", "text", "nothing", "object", "fine"]));
  const errors = outcomes.map((outcome) => (outcome.status === "failed" ? outcome.error : undefined));
  expect(outcomes.map(({ status }) => status)).toEqual(["failed", "failed", "failed", "failed", "failed", "succeeded"]);
  expect(errors.slice(0, 5).every((error) => error instanceof Error)).toBe(true);
  expect(errors[0]).toMatchObject({ name: "RangeError", message: "out of range" });
  expect(errors[0]?.stack).toMatch(/tasks\.ts:2\d:\d+/);
  expect(errors[1]).toMatchObject({
    name: "CustomError",
    message: "a custom one",
    code: "E_CUSTOM",
    cause: { name: "TypeError", message: "the cause" },
  });
  expect(errors[2]?.message).toContain("just text");
  expect(errors[4]?.message).toContain("object");
  for (const outcome of outcomes.slice(0, 5)) expect(outcome).toMatchObject({ blame: "user", attempts: 1 });
  await end();
});

test("retries count attempts, and only of the task that failed", async () => {
  const { session, scratch, end } = await openSession();
  const inputs = [1, 3, 1, 9, 2].map((n) => ({ scratch, n }));
  const outcomes = await collectAll(session.map(flaky, inputs, { retries: 2, backoff: 10 }));
  expect(outcomes.map(({ status, attempts }) => [status, attempts])).toEqual([
    ["succeeded", 1],
    ["succeeded", 3],
    ["succeeded", 1],
    ["failed", 3],
    ["succeeded", 2],
  ]);
  expect(linesOf(join(scratch, "runs-3"))).toEqual(["1", "2", "3"]);
  await end();
});

test("a task that takes too long fails alone, whether it waits or computes", async () => {
  const { session, end } = await openSession();
  const outcomes = await collectAll(session.map(slow, [0, 60_000, 1, -1, 2, 0, 1, 2], { timeout: 300, grace: 100 }));
  expect(outcomes.map(({ status }) => status)).toEqual([
    "succeeded",
    "failed",
    "succeeded",
    "failed",
    "succeeded",
    "succeeded",
    "succeeded",
    "succeeded",
  ]);
  for (const n of [1, 3]) expect(outcomes[n]).toMatchObject({ blame: "timeout", error: { name: "TimeoutError" } });
  await end();
});

test("a task that ends its thread fails alone", async () => {
  const { session, end } = await openSession({ spec: { slots: 1, env: { NODE_OPTIONS: "--max-old-space-size=60" } } });
  const outcomes = await collectAll(
    session.map(fatal, ["a", "exit", "b", "uncaught", "c", "rejection", "d", "memory", "e"]),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    "succeeded",
    "failed",
    "succeeded",
    "failed",
    "succeeded",
    "failed",
    "succeeded",
    "failed",
    "succeeded",
  ]);
  expect(outcomes.map((outcome) => (outcome.status === "failed" ? outcome.blame : ""))).toEqual([
    "",
    "user",
    "",
    "user",
    "",
    "user",
    "",
    "oom",
    "",
  ]);
  await end();
});

test("a task that kills its whole worker is failed alone, and no neighbour is lost or doubled", async () => {
  const { session, scratch, end } = await openSession();
  const inputs = Array.from({ length: 60 }, (_, n) => ({ scratch, n: n === 20 ? -1 : n }));
  const outcomes = await collectAll(session.map(killer, inputs));
  expect(outcomes.filter(({ status }) => status === "succeeded").map(({ index }) => index)).toEqual(
    inputs.flatMap(({ n }, index) => (n < 0 ? [] : [index])),
  );
  expect(outcomes[20]).toMatchObject({ status: "failed", attempts: 1, error: { name: "WorkerLostError" } });
  const stored = await end();
  expect(stored.size).toBe(60);
});

test("a slow task beside one that kills their worker takes no blame", async () => {
  const { session, scratch, end } = await openSession({ workers: 1, spec: { slots: 2 } });
  const outcomes = await collectAll(
    session.map(
      badNeighbour,
      [0, 1].map((n) => ({ scratch, n })),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["failed", "succeeded"]);
  await end();
});

test("a session whose every task kills is paused, not worked on for ever", async () => {
  const { session, scratch, end } = await openSession();
  const inputs = Array.from({ length: 40 }, () => ({ scratch, n: -1 }));
  const failure = await collectAll(session.map(killer, inputs)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "SkyburstError", code: "paused" });
  expect((await session.status()).state).toBe("paused");
  await end({ finished: false });
});

test("deaths in a row count up to the limit also where each ends in a failed task", async () => {
  const { session, scratch, end } = await openSession({ workers: 1 });
  const inputs = Array.from({ length: 30 }, () => ({ scratch, n: -1 }));
  const outcomes: string[] = [];
  const failure = await (async () => {
    for await (const { status } of session.map(killer, inputs)) outcomes.push(status);
  })().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "paused" });
  expect(outcomes.every((status) => status === "failed")).toBe(true);
  expect(await session.status()).toMatchObject({ state: "paused", cancelled: 0 });
  await end({ finished: false });
});
