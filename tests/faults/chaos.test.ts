import { join } from "node:path";
import { expect, test } from "vitest";
import { linesOf, openSession } from "./session-under-test.ts";
import type { UnderTest } from "./session-under-test.ts";
import { mixed } from "./tasks.ts";

/** Processes that ran tasks and still live. */
function living({ scratch }: UnderTest): number[] {
  return [...new Set(linesOf(join(scratch, "pids")).map(Number))].filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself since we looked.
  }
}

/** What the task of this index comes to, whatever happens to workers. */
function expected(n: number): string {
  return n % 29 === 5 ? "failed" : "succeeded";
}

test.each([
  ["killed", 1, (under: UnderTest) => signal(living(under).at(-1), "SIGKILL")],
  ["told to leave", 1, (under: UnderTest) => signal(living(under).at(-1), "SIGTERM")],
  ["killed, with tasks side by side", 4, (under: UnderTest) => signal(living(under)[0], "SIGKILL")],
  [
    "frozen for a while",
    1,
    (under: UnderTest) => {
      const pid = living(under)[0];
      signal(pid, "SIGSTOP");
      setTimeout(() => signal(pid, "SIGCONT"), 1300);
    },
  ],
])("every task ends once while workers are %s again and again", async (_, concurrency, strike) => {
  const under = await openSession({ workers: 3, ttl: 1000 });
  const count = 600;
  const inputs = Array.from({ length: count }, (_, n) => ({ scratch: under.scratch, n }));
  const seen = new Map<number, string>();
  const wrong: number[] = [];
  for await (const outcome of under.session.map(mixed, inputs, { retries: 2, backoff: 5, concurrency })) {
    expect(seen.has(outcome.index)).toBe(false);
    seen.set(outcome.index, outcome.status);
    if (outcome.status === "succeeded" && outcome.value !== outcome.index) wrong.push(outcome.index);
    if (seen.size % 120 === 60) strike(under);
  }
  expect(inputs.map(({ n }) => seen.get(n))).toEqual(inputs.map(({ n }) => expected(n)));
  expect(wrong).toEqual([]);
  const stored = await under.end();
  expect(stored.size).toBe(count);
});

test("outcomes in order stay in order whatever happens", async () => {
  const under = await openSession({ workers: 2, ttl: 1000 });
  const inputs = Array.from({ length: 400 }, (_, n) => ({ scratch: under.scratch, n: n * 29 }));
  const indexes: number[] = [];
  for await (const outcome of under.session.map(mixed, inputs, {
    ordered: true,
    retries: 2,
    backoff: 5,
    concurrency: 3,
  })) {
    expect(outcome).toMatchObject({ status: "succeeded", value: outcome.index * 29 });
    indexes.push(outcome.index);
    if (indexes.length % 100 === 50) strike(under);
  }
  expect(indexes).toEqual(inputs.map((_, n) => n));
  await under.end();
});

function strike(under: UnderTest): void {
  signal(living(under)[0], "SIGKILL");
}
