import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { attachSession, listSessions, open } from "@skyburst/core";
import type { OpenOptions, Session } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { needing, square, waiting } from "./session-tasks.ts";

let place: string;
const sessions: Session[] = [];
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "skyburst-operations-"));
});
afterEach(async () => {
  for (const session of sessions.splice(0))
    await session.remove({ backend: local(), now: true }).then(() => session.close());
  rmSync(place, { recursive: true, force: true });
});

async function opened(options: Partial<OpenOptions> = {}): Promise<Session> {
  const session = await open({
    store: directory(place),
    backend: local(),
    workers: 2,
    spec: { slots: 1 },
    linger: 0,
    ...options,
  });
  sessions.push(session);
  return session;
}

async function tasksOf(reading: AsyncIterable<{ readonly task: number; readonly status: string }>): Promise<string[]> {
  const told: string[] = [];
  for await (const { task, status } of reading) told.push(`${task} ${status}`);
  return told;
}

test("what was submitted runs without its client, and another one collects it", async () => {
  const session = await opened({ name: "nightly" });
  const submitted = await session.submitAll(square, [1, 2, 3], { id: "first" });
  expect(submitted).toEqual({ submission: "first", tasks: 3, added: 3 });
  expect(await session.submitAll(square, [1, 2, 3], { id: "first" })).toMatchObject({ tasks: 3, added: 0 });
  await expect(session.submitAll(square, [1, 2, 4], { id: "first" })).rejects.toThrow("holds other inputs");
  await session.detach();
  const elsewhere = await attachSession(directory(place), "nightly");
  const values: unknown[] = [];
  const reading = elsewhere.outcomes<number>({ wait: true });
  for await (const outcome of reading) if (outcome.status === "succeeded") values.push(outcome.value);
  expect(values).toEqual([1, 4, 9]);
  expect(reading.complete).toBe(true);
});

test("a session is joined by its name, and goes on as it was opened", async () => {
  const first = await opened({ name: "shared" });
  expect(await first.map(square, [5]).values()).toEqual([25]);
  await first.close();
  const again = { store: directory(place), backend: local(), session: "shared" };
  await expect(open({ ...again, ttl: 2000 })).rejects.toThrow('ttl can\'t be given for session "shared"');
  await expect(open({ ...again, deadline: 1 })).rejects.toThrow("session.extend({ deadline })");
  const second = await open(again);
  sessions.push(second);
  expect(second.id).toBe(first.id);
  expect(await second.map(square, [6, 7]).values()).toEqual([36, 49]);
  expect(await tasksOf(second.outcomes())).toEqual(["0 succeeded", "1 succeeded", "2 succeeded"]);
  // Of what is done nothing is left to be cancelled.
  await second.cancel();
  await second.submitAll(square, [8], { open: true });
  await second.cancel();
  await expect(open(again)).rejects.toThrow("was cancelled");
});

test("a running task is cancelled by another process, and its neighbours run on", async () => {
  const session = await opened({ workers: 1 });
  const go = join(place, "go");
  const outcomes = session.map(waiting, [go, go, "nothing comes"], { concurrency: 3, grace: 100 });
  const telling = tasksOf(outcomes);
  const other = await attachSession(directory(place), session.id);
  await until(async () => (await other.status()).running === 3);
  expect(await other.cancel({ task: 2 })).toMatchObject({ tasks: 1 });
  writeFileSync(go, "");
  expect((await telling).sort()).toEqual(["0 succeeded", "1 succeeded", "2 cancelled"]);
});

test("failed tasks run again in a session that has ended", async () => {
  const session = await opened();
  const there = join(place, "there");
  const first = await tasksOf(session.map(needing, [there, place, there], { ordered: true }));
  expect(first).toEqual(["0 failed", "1 succeeded", "2 failed"]);
  const reading = session.outcomes();
  expect(await tasksOf(reading)).toEqual(first);
  writeFileSync(there, "");
  expect(await session.retryFailed()).toEqual({ tasks: 2, resumed: false });
  expect(await tasksOf(session.outcomes({ from: reading.cursor, wait: true }))).toEqual(["0 succeeded", "2 succeeded"]);
  expect(await session.status()).toMatchObject({ state: "done", succeeded: 3, failed: 0 });
});

test("a session is removed under its living workers, and nothing of it is left but its ledger", async () => {
  const session = await opened();
  await session.submitAll(waiting, ["nothing comes", "nothing comes"]);
  const other = await attachSession(directory(place), session.id);
  await until(async () => (await other.status()).running === 2);
  const removed = await other.remove({ backend: local() });
  expect(removed).toMatchObject({ complete: true });
  expect(removed.stopped).toBeGreaterThan(0);
  expect(await listSessions(directory(place))).toEqual([]);
  expect((await local().list(session.id)).every(({ state }) => state === "exited")).toBe(true);
});

/** Others get their turn between two looks: the store answers at once. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
