import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import type { Backend } from "@skyburst/core";
import { expect, test } from "vitest";
import { allEnded, collectAll, eventually, filesIn, linesOf, openSession } from "./session-under-test.ts";
import type { Scene } from "./tasks.ts";
import { gated, square } from "./tasks.ts";

function scenes(scratch: string, count: number): Scene[] {
  return Array.from({ length: count }, (_, n) => ({ scratch, n: n % 2 }));
}

function countOf(stored: ReadonlyMap<number, { readonly status: string }>) {
  const counts = { succeeded: 0, failed: 0, cancelled: 0 };
  for (const { status } of stored.values()) counts[status as keyof typeof counts]++;
  return counts;
}

test("break ends what runs and what waits as cancelled, and the session works on", async () => {
  const { session, scratch, end } = await openSession();
  writeFileSync(join(scratch, "gate-0"), "");
  for await (const outcome of session.map(gated, scenes(scratch, 200))) {
    expect(outcome.status).toBe("succeeded");
    break;
  }
  expect(await session.map(square, [3]).values()).toEqual([9]);
  const stored = await end();
  expect(stored.size).toBe(201);
  expect(countOf(stored).failed).toBe(0);
  expect(countOf(stored).cancelled).toBeGreaterThan(90);
});

test("a signal cancels: ctx.signal fires in what runs, and the map ends with the signal's reason", async () => {
  const { session, scratch, end } = await openSession();
  const stop = new AbortController();
  const collecting = collectAll(session.map(gated, scenes(scratch, 20), { signal: stop.signal })).catch(
    (error: unknown) => error,
  );
  await eventually("Two running tasks", () => filesIn(scratch).length >= 2);
  stop.abort(new Error("changed my mind"));
  expect(await collecting).toMatchObject({ message: "changed my mind" });
  await eventually(
    "The end of what ran",
    () => filesIn(scratch).filter((name) => name.startsWith("stopped-")).length === 2,
  );
  expect(countOf(await end())).toEqual({ succeeded: 0, failed: 0, cancelled: 20 });
});

test("a signal that fired before the map cancels it before anything is submitted", async () => {
  const { session, end } = await openSession();
  await expect(
    collectAll(session.map(square, [1], { signal: AbortSignal.abort(new Error("too late")) })),
  ).rejects.toThrow("too late");
  expect((await end()).size).toBe(0);
});

test("leaving the scope cancels what runs and what waits, and leaves no process", async () => {
  const { session, backend, scratch, end } = await openSession();
  const collecting = collectAll(session.map(gated, scenes(scratch, 50), { grace: 100 })).catch(
    (error: unknown) => error,
  );
  await eventually("Two running tasks", () => filesIn(scratch).length >= 2);
  await session.close();
  expect(await collecting).toMatchObject({ code: "closed" });
  await allEnded(backend, session.id);
  expect(countOf(await end())).toEqual({ succeeded: 0, failed: 0, cancelled: 50 });
});

test("an abandoned iterator doesn't hold up close, and close can be called again", async () => {
  const { session, scratch, end } = await openSession();
  writeFileSync(join(scratch, "gate-0"), "");
  const iterator = session.map(gated, scenes(scratch, 40))[Symbol.asyncIterator]();
  expect((await iterator.next()).done).toBe(false);
  await Promise.all([session.close(), session.close()]);
  await session.close();
  const stored = await end();
  expect(stored.size).toBe(40);
  await expect(collectAll(session.map(square, [1]))).rejects.toMatchObject({ code: "closed" });
});

test("a map that was never iterated submits nothing", async () => {
  const { session, end } = await openSession();
  session.map(square, [1, 2, 3]);
  expect((await end()).size).toBe(0);
});

test("cancelling works with no worker alive", async () => {
  const refusing: Backend = {
    ...local(),
    launch: async ({ slots }) => ({
      started: [],
      refused: slots.map((slot) => ({ slot, kind: "capacity", message: "no room" })),
    }),
  };
  const { session, end } = await openSession({ backend: refusing });
  const stop = new AbortController();
  const collecting = collectAll(
    session.map(
      square,
      Array.from({ length: 2500 }, (_, n) => n),
      { signal: stop.signal },
    ),
  ).catch((error: unknown) => error);
  await eventually("The submission", async () => (await session.status()).tasks === 2500);
  stop.abort();
  expect(await collecting).toMatchObject({ name: "AbortError" });
  expect(countOf(await end())).toEqual({ succeeded: 0, failed: 0, cancelled: 2500 });
});

test("a cancel whose workers were killed leaves nothing without its outcome", async () => {
  const { session, backend, scratch, end } = await openSession();
  const collecting = collectAll(session.map(gated, scenes(scratch, 30))).catch((error: unknown) => error);
  const pids = await eventually("Two running tasks", () => {
    const found = filesIn(scratch).flatMap((name) => linesOf(join(scratch, name)).map(Number));
    return new Set(found).size === 2 && found;
  });
  for (const pid of new Set(pids)) process.kill(pid, "SIGSTOP");
  const closing = session.close();
  for (const pid of new Set(pids)) process.kill(pid, "SIGKILL");
  await closing;
  await collecting;
  await allEnded(backend, session.id);
  expect(countOf(await end({ ended: false }))).toEqual({ succeeded: 0, failed: 0, cancelled: 30 });
});

test("detach cancels nothing: workers finish what was submitted", async () => {
  const { session, backend, scratch, end } = await openSession({ linger: 100 });
  const collecting = collectAll(session.map(gated, scenes(scratch, 20))).catch((error: unknown) => error);
  await eventually("Two running tasks", () => filesIn(scratch).length >= 2);
  await session.detach();
  expect(await collecting).toMatchObject({ code: "closed" });
  for (const n of [0, 1]) writeFileSync(join(scratch, `gate-${n}`), "");
  await allEnded(backend, session.id);
  expect(countOf(await end())).toEqual({ succeeded: 20, failed: 0, cancelled: 0 });
});
