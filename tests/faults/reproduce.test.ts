import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { reproduceTask } from "@skyburst/core";
import type { ReproductionEnd } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { expect, test } from "vitest";
import { collectAll, eventually, linesOf, openSession, temporaryDirectory } from "./session-under-test.ts";
import { echo, gated } from "./tasks.ts";

/** Runs a task again, on a store and a backend of its own. */
async function again(store: string, session: string, task: number, signal?: AbortSignal): Promise<ReproductionEnd> {
  const scratch = directory(temporaryDirectory());
  const { ended } = await reproduceTask(directory(store), session, { task, scratch, backend: local(), signal });
  return ended;
}

test("an input that is more than JSON, and what it shares, are there once more", async () => {
  const { session, store, end } = await openSession();
  const table = await session.share(new Map([["a", 1n]]));
  const large = new Uint8Array(700_000).fill(7);
  const inputs = [1, { table, at: new Date(5) }, { table, large }];
  const outcomes = await collectAll(session.map(echo, inputs));
  expect(outcomes.map(({ status }) => status)).toEqual(["succeeded", "succeeded", "succeeded"]);
  expect(await again(store, session.id, 1)).toMatchObject({
    kind: "outcome",
    line: { index: 1, task: 1, status: "succeeded", attempts: 1, value: { at: "1970-01-01T00:00:00.005Z" } },
  });
  const blob = await again(store, session.id, 2);
  expect(blob).toMatchObject({ kind: "outcome", line: { status: "succeeded", task: 2 } });
  await end();
});

test("while its session goes on, a task of it can be run beside it, and whoever waits can end that", async () => {
  const { session, store, scratch, end } = await openSession({ workers: 1 });
  const collecting = collectAll(session.map(gated, [{ scratch, n: 0 }]));
  await eventually("The task", () => linesOf(join(scratch, "runs-0")).length === 1);
  const stop = new AbortController();
  const ending = again(store, session.id, 0, stop.signal);
  await eventually("Its other run", () => linesOf(join(scratch, "runs-0")).length === 2);
  stop.abort();
  // Its task waits for a gate: only the end of its worker ends it.
  expect(await ending).toMatchObject({ kind: "died", exit: { reason: "stopped" } });
  writeFileSync(join(scratch, "gate-0"), "");
  expect(await collecting).toMatchObject([{ status: "succeeded" }]);
  await end();
});
