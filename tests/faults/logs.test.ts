import { facts as factsOf, listAll, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";
import { expect, test } from "vitest";
import { readSessionObjects } from "./session-objects.ts";
import { openSession } from "./session-under-test.ts";
import { printing, shouting } from "./tasks.ts";

/** What the only task of a session printed on a channel, from its log objects and what rides in its commit. */
async function printed(store: string, session: string): Promise<Record<number, string>> {
  const facts = factsOf(directory(store), systemRuntime);
  const { entries } = await listAll(facts, sessionKeys(session).logs);
  const pieces: Buffer[] = [];
  for (const { key } of entries) pieces.push(Buffer.from((await facts.get(key)) ?? []));
  const { commits } = await readSessionObjects(store, session);
  for (const { commit } of commits) pieces.push(Buffer.from(commit.logs));
  const bytes = Buffer.concat(pieces);
  const texts: Record<number, string> = {};
  for (let at = 0; at < bytes.length;) {
    const channel = bytes[at] ?? 0;
    const size = bytes.readUInt32BE(at + 1);
    texts[channel] = (texts[channel] ?? "") + bytes.toString("utf8", at + 5, at + 5 + size);
    at += 5 + size;
  }
  return texts;
}

test("what a task prints is with its outcome, by channel", async () => {
  const { session, store, end } = await openSession();
  await session.map(printing, [3]).values();
  await end();
  const { ledger, logs } = await readSessionObjects(store, session.id);
  expect(ledger.tasks).toBe(1);
  expect(logs.size).toBe(0);
  expect(await printed(store, session.id)).toEqual({
    1: "line 0\nline 1\nline 2\n",
    2: "to stderr\n",
    3: "to the log { lines: 3 }\n",
  });
});

test("50,000 lines at once are kept whole and in order, in objects that end before the outcome", async () => {
  const { session, store, end } = await openSession();
  expect(await session.map(printing, [50_000]).values()).toEqual([50_000]);
  await end();
  const { logs } = await readSessionObjects(store, session.id);
  expect([...logs.values()].map(({ ended, pieces }) => [ended, pieces.length > 0])).toEqual([[true, true]]);
  const { 1: out = "", 3: log } = await printed(store, session.id);
  expect(out).toBe(Array.from({ length: 50_000 }, (_, n) => `line ${n}\n`).join(""));
  expect(log).toBe("to the log { lines: 50000 }\n");
});

test("what many tasks print doesn't make their commits larger than an object should be", async () => {
  const { session, store, end } = await openSession({ workers: 1, commitInterval: 60_000 });
  await session
    .map(
      shouting,
      Array.from({ length: 640 }, () => 50_000),
    )
    .values();
  await end();
  const { commits, logs } = await readSessionObjects(store, session.id);
  expect(Math.max(...commits.map(({ commit }) => commit.logs.length))).toBeLessThan(1_100_000);
  expect(logs.size).toBeGreaterThan(0);
});
