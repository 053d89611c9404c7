import type { StateStore } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { expect, test } from "vitest";
import { collectAll, openOn, openSession, temporaryDirectory } from "./session-under-test.ts";
import { pidOf, rejecting, square } from "./tasks.ts";

test("a second map finds the workers of the first one", async () => {
  const { session, backend, end } = await openSession({ linger: 60_000 });
  const inputs = Array.from({ length: 200 }, (_, n) => n);
  const pids = new Set(await session.map(pidOf, inputs).values());
  // One of them may have been up too late for the first map.
  for (const pid of await session.map(pidOf, inputs).values()) pids.add(pid);
  expect(pids.size).toBeLessThanOrEqual(2);
  expect(await backend.list(session.id)).toHaveLength(2);
  await end();
});

test("a map that comes while the workers leave is done by others", async () => {
  const { session, end } = await openSession({ linger: 0 });
  for (let n = 0; n < 12; n++) expect(await session.map(square, [n, n + 1]).values()).toEqual([n * n, (n + 1) ** 2]);
  expect((await end()).size).toBe(24);
});

test("maps and single tasks at the same time keep to themselves", async () => {
  const { session, end } = await openSession();
  const inputs = Array.from({ length: 700 }, (_, n) => n);
  const [squares, mixed, one, failing] = await Promise.all([
    session.map(square, inputs).values(),
    collectAll(session.map(rejecting, inputs)),
    session.submit(square, 12).value(),
    session
      .submit(rejecting, 3)
      .value()
      .catch((error: unknown) => error),
  ]);
  expect(squares).toEqual(inputs.map((n) => n * n));
  expect(mixed.map(({ index, status }) => [index, status])).toEqual(
    inputs.map((n) => [n, n % 2 === 1 ? "failed" : "succeeded"]),
  );
  expect(one).toBe(144);
  expect(failing).toMatchObject({ message: "odd 3" });
  expect(await session.status()).toMatchObject({
    tasks: 1402,
    succeeded: 1051,
    failed: 351,
    cancelled: 0,
    running: 0,
    pending: 0,
  });
  expect((await end()).size).toBe(1402);
});

test("a submitted task that nobody asks for is cancelled by close, and its handle says so", async () => {
  const { session, end } = await openSession();
  const handles = Array.from({ length: 5 }, (_, n) => session.submit(square, n));
  await session.close();
  for (const handle of handles) {
    const ended = await handle.outcome().catch((error: unknown) => error);
    expect(ended).toMatchObject(ended instanceof Error ? { code: "closed" } : { status: "succeeded" });
  }
  await end();
});

test("usage counts requests: a map of thousands takes some per chunk, not per task", async () => {
  const { session, end } = await openSession();
  await session
    .map(
      square,
      Array.from({ length: 20_000 }, (_, n) => n),
    )
    .values();
  await end();
  const { requests, bytes, unheard } = await session.usage();
  expect(requests.create).toBeLessThan(200);
  expect(requests.get).toBeLessThan(1000);
  expect(bytes.sent).toBeGreaterThan(
    20_000 * '{"index":0,"task":0,"status":"succeeded","value":1,"attempts":1,"seconds":0}'.length,
  );
  expect(unheard).toBe(0);
});

test("many single tasks at once don't get into each other's way", async () => {
  const path = temporaryDirectory();
  const store = directory(path);
  const created: boolean[] = [];
  const counted: StateStore = {
    reference: store.reference,
    pace: store.pace,
    program: store.program,
    async create(key, body, options) {
      const won = await store.create(key, body, options);
      created.push(won);
      return won;
    },
    get: store.get.bind(store),
    list: store.list.bind(store),
    put: store.put.bind(store),
    delete: store.delete.bind(store),
    now: store.now.bind(store),
  };
  const { session, end } = await openOn(path, { store: counted });
  const values = await Promise.all(Array.from({ length: 100 }, (_, n) => session.submit(square, n).value()));
  expect(values).toEqual(Array.from({ length: 100 }, (_, n) => n * n));
  // An entry, with the input behind it, and for all of them one program.
  expect(created.length).toBeLessThan(120);
  expect(created).not.toContain(false);
  await end();
});
