import { beforeEach, expect, test } from "vitest";
import { AgeingStore } from "../../../test/ageing-store.ts";
import { virtualRuntime } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";
import type { ManagedSession, WorkerStatus } from "../../backend.ts";
import { jsonBody } from "../../protocol/lines.ts";
import { storeId } from "../../protocol/store-id.ts";
import { gc } from "./gc.ts";
import type { Garbage, GcOptions } from "./gc.ts";
import type { SweptBackend } from "./orphans.ts";
import { removeSession } from "./remove-session.ts";

const minute = 60_000;

let store: AgeingStore;
let session: PlayedSession;
/** Workers of the provider, each of a session. */
let workers: { id: string; of: ManagedSession; state: WorkerStatus["state"] }[];
let stopped: string[];
/** What happens while somebody waits. */
let asleep: (() => Promise<void>) | undefined;

beforeEach(async () => {
  store = new AgeingStore();
  session = new PlayedSession(
    store,
    virtualRuntime((ms) => {
      store.clock += ms;
      void asleep?.();
    }),
  );
  asleep = undefined;
  workers = [];
  stopped = [];
  await session.create();
  await session.submit("a", 2, 1);
});

const backend: SweptBackend = {
  list: (id) =>
    Promise.resolve(
      workers.flatMap(({ id: worker, of, state }) =>
        of.sessionId === id ? [{ id: worker, launch: 0, slot: 0, state }] : [],
      ),
    ),
  async stop(ids) {
    stopped.push(...ids);
  },
  sessions: () => Promise.resolve(workers.flatMap(({ of, state }) => (state === "exited" ? [] : [of]))),
};

function worker(sessionId: string, of: string = storeId(store.reference)): void {
  workers.push({ id: `worker ${workers.length}`, of: { sessionId, storeId: of }, state: "running" });
}

async function swept(options: GcOptions = {}): Promise<Garbage[]> {
  const found: Garbage[] = [];
  for await (const garbage of gc(store, { runtime: session.runtime, backend, ...options })) found.push(garbage);
  return found;
}

const born = () => store.create(session.keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));

test("workers of a session that the store does not know are stopped, and those of other stores are left alone", async () => {
  worker("0000000-gone");
  worker("0000000-other", "0123456789abcdef");
  workers.push({ id: "nobody's", of: { sessionId: "0000000-older" }, state: "running" });
  expect(await swept({ dryRun: true })).toEqual([
    { id: "0000000-gone", because: "unknown", objects: 0, bytes: 0, workers: 1 },
  ]);
  expect(stopped).toEqual([]);
  expect(await swept()).toMatchObject([{ because: "unknown", workers: 1 }]);
  expect(stopped).toEqual(["worker 0"]);
});

test("workers of a session that was removed are stopped", async () => {
  await removeSession(store, session.id, { runtime: session.runtime, now: true });
  worker(session.id);
  expect(await swept()).toMatchObject([{ id: session.id, because: "removed", objects: 0, workers: 1 }]);
  expect(stopped).toEqual(["worker 0"]);
});

test("workers of a session that goes on are left alone for as long as one may take to start", async () => {
  await born();
  worker(session.id);
  await session.run(0);
  store.clock += 9 * minute;
  expect(await swept()).toEqual([]);
});

test("workers of a session that nobody attends, and of which nothing was heard for longer, are stopped", async () => {
  await store.create(session.keys.launch(0), new Uint8Array());
  worker(session.id);
  store.clock += 11 * minute;
  expect(await swept()).toMatchObject([{ id: session.id, because: "silent", workers: 1 }]);
});

test("who has slept for long has the time to say so", async () => {
  await born();
  worker(session.id);
  store.clock += 11 * minute;
  asleep = () => store.put(session.keys.worker("0.0.0.worker"), new Uint8Array());
  expect(await swept()).toEqual([]);
});

test("a client that looks on may come to supervise", async () => {
  await born();
  worker(session.id);
  store.clock += 11 * minute;
  await store.put(session.keys.worker("client.other"), new Uint8Array());
  expect(await swept()).toEqual([]);
});

test("workers of a session in which all is done are stopped when they should have left long ago", async () => {
  await born();
  worker(session.id);
  await session.run(0);
  await session.run(1);
  const { linger, ttl } = (await session.ledger()).session;
  store.clock += linger;
  expect(await swept()).toEqual([]);
  store.clock += 2 * ttl + 1;
  expect(await swept()).toMatchObject([{ id: session.id, because: "over", workers: 1 }]);
});

test("who keeps the workers sees to them", async () => {
  await born();
  worker(session.id);
  await session.run(0);
  await session.run(1);
  store.clock += minute;
  await store.create(session.keys.supervisor(1), jsonBody({ v: 1, owner: "client.other" }));
  expect(await swept()).toEqual([]);
  store.clock += minute;
  expect(await swept()).toMatchObject([{ because: "over" }]);
});

test("a worker that has ended is no orphan, and a provider that tells of no sessions is not asked", async () => {
  worker("0000000-gone");
  expect(await swept({ backend: { list: backend.list, stop: backend.stop } })).toEqual([]);
  for (const one of workers) one.state = "exited";
  expect(await swept()).toEqual([]);
});
