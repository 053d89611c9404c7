import { beforeEach, expect, test } from "vitest";
import { AgeingStore } from "../../../test/ageing-store.ts";
import { virtualRuntime } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";
import type { Backend, WorkerStatus } from "../../backend.ts";
import { indexKey } from "../../protocol/keys.ts";
import { jsonBody } from "../../protocol/lines.ts";
import { gc } from "./gc.ts";
import type { Garbage, GcOptions } from "./gc.ts";
import { removeSession } from "./remove-session.ts";
import { listSessions } from "../sessions.ts";

const day = 86_400_000;

let store: AgeingStore;
let session: PlayedSession;

beforeEach(async () => {
  store = new AgeingStore();
  session = new PlayedSession(
    store,
    virtualRuntime((ms) => {
      store.clock += ms;
    }),
  );
  await session.create();
  await session.submit("a", 2, 1);
  await session.run(0);
});

const remove = (options: Parameters<typeof removeSession>[2] = {}) =>
  removeSession(store, session.id, { runtime: session.runtime, ...options });

async function swept(options: GcOptions = {}): Promise<Garbage[]> {
  const found: Garbage[] = [];
  for await (const garbage of gc(store, { runtime: session.runtime, ...options })) found.push(garbage);
  return found;
}

const keysLeft = () => [...store.objects.keys()];

/** A provider with one worker, which takes a while to end. */
function provider(): { readonly backend: Pick<Backend, "list" | "stop">; readonly stopped: string[] } {
  const stopped: string[] = [];
  const worker: WorkerStatus = { id: "w1", launch: 0, slot: 0, state: "running" };
  return {
    stopped,
    backend: {
      list: () => Promise.resolve([stopped.length > 0 ? { ...worker, state: "exited" } : worker]),
      async stop(workers) {
        stopped.push(...workers);
        await store.create(
          session.keys.gone("0.0.0.worker"),
          jsonBody({ v: 1, reason: "stopped", by: "0.0.0.worker" }),
        );
      },
    },
  };
}

test("a removed session is left out of lists at once, and of its objects only the ledger stays for a day", async () => {
  const removed = await remove();
  expect(removed).toMatchObject({ stopped: 0, complete: true, objects: 2 });
  expect(await listSessions(store)).toEqual([]);
  expect(await listSessions(store, { all: true })).toMatchObject([{ id: session.id, removed: true }]);
  expect(keysLeft().every((key) => !key.startsWith(session.keys.root) || key.startsWith(session.keys.manifests))).toBe(
    true,
  );
  expect((await session.ledger()).removed).toBe(true);
  await expect(session.attach()).rejects.toThrow("was removed");
  expect(await swept()).toEqual([]);
  store.clock += day;
  expect(await swept({ dryRun: true })).toMatchObject([{ id: session.id, because: "removed", objects: 3 }]);
  expect(await swept()).toMatchObject([{ because: "removed", objects: 3 }]);
  expect(keysLeft()).toEqual([]);
});

test("what a worker that slept through it writes later is taken away", async () => {
  await remove();
  await store.create(session.keys.done({ s: 0, i: 1, t: 0 }), new Uint8Array(7));
  expect(await swept()).toMatchObject([{ because: "removed", objects: 1, bytes: 7 }]);
  expect(await swept()).toEqual([]);
});

test("workers are stopped, and waited for until they said so", async () => {
  await store.create(session.keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
  const { backend, stopped } = provider();
  const before = store.clock;
  expect(await remove({ backend })).toMatchObject({ stopped: 1, complete: true });
  expect(stopped).toEqual(["w1"]);
  expect(store.clock - before).toBeLessThan(1000);
});

test("a worker that says nothing is waited for, two TTLs behind the fence, unless there can be none", async () => {
  await store.create(session.keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
  const before = store.clock;
  await remove();
  expect(store.clock - before).toBeGreaterThan(2000);
  expect(keysLeft().some((key) => key.startsWith(session.keys.births))).toBe(false);
});

test("a supervisor of another process is waited for until it has heard of the fence", async () => {
  await store.create(session.keys.supervisor(1), jsonBody({ v: 1, owner: "client.other" }));
  const said: string[] = [];
  store.interference = {
    async before(operation, key) {
      if (operation !== "list" || key !== session.keys.supervisors || said.push(key) < 3) return;
      // Its last act.
      await store.create(session.keys.gone("client.other"), jsonBody({ v: 1, reason: "over", by: "client.other" }));
    },
  };
  expect(await remove()).toMatchObject({ complete: true });
  expect(said.length).toBeGreaterThan(2);
  expect(keysLeft().some((key) => key.startsWith(session.keys.gones))).toBe(false);
});

test("a worker that is started while the supervisor hears of the fence is stopped", async () => {
  await store.create(session.keys.supervisor(1), jsonBody({ v: 1, owner: "client.other" }));
  const { backend, stopped } = provider();
  let started = false;
  store.interference = {
    async before(operation, key) {
      if (started || operation !== "list" || key !== session.keys.supervisors) return;
      started = true;
      await store.create(session.keys.gone("client.other"), jsonBody({ v: 1, reason: "over", by: "client.other" }));
    },
  };
  const late = { ...backend, list: async (id: string) => (started ? backend.list(id) : []) };
  expect(await remove({ backend: late })).toMatchObject({ stopped: 1, complete: true });
  expect(stopped).toEqual(["w1"]);
});

test("a supervisor that fell silent is not waited for", async () => {
  await store.create(session.keys.supervisor(1), jsonBody({ v: 1, owner: "client.other" }));
  await remove();
  expect(store.clock).toBeGreaterThan(500);
  expect(store.clock).toBeLessThan(2000);
});

test("with nobody alive nothing is waited for", async () => {
  await store.create(session.keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
  const before = store.clock;
  await remove({ now: true });
  expect(store.clock).toBe(before);
});

test("what was interrupted goes on with another call", async () => {
  const interrupted = new AbortController();
  interrupted.abort();
  expect(await remove({ signal: interrupted.signal })).toMatchObject({ objects: 0, complete: false });
  expect(await listSessions(store)).toEqual([]);
  expect(await remove()).toMatchObject({ objects: 2, complete: true });
  expect(await remove()).toMatchObject({ objects: 0, complete: true });
});

test("a session of which there is only the index is removed with it", async () => {
  await store.create(indexKey("0000000-bbbb"), jsonBody({ v: 1, created: 0, expires: 1000 }));
  expect(await removeSession(store, "0000000-bbbb", { runtime: session.runtime })).toMatchObject({ complete: true });
  store.clock += 2 * day;
  expect((await swept()).map(({ id }) => id)).not.toContain(session.id);
  expect(keysLeft()).not.toContain(indexKey("0000000-bbbb"));
});

test("gc goes on for who was killed between the fence and its mark", async () => {
  await session.enter({ op: "remove" });
  expect(await swept()).toEqual([]);
  store.clock += day;
  expect(await swept({ quick: true })).toEqual([]);
  expect(await swept({ dryRun: true })).toMatchObject([{ because: "removed" }]);
  expect(await listSessions(store)).toHaveLength(1);
  expect(await swept()).toMatchObject([{ because: "removed" }]);
  expect(keysLeft()).toEqual([]);
});

test("only sessions that have ended are old", async () => {
  const open = await session.ledger();
  expect(open.submissions[0]?.ended).toBe(true);
  store.clock += day / 2;
  expect(await swept({ olderThan: day })).toEqual([]);
  await session.submit("b", 1, 1, false);
  store.clock += day;
  expect(await swept({ olderThan: 1000 })).toEqual([]);
  await session.enter({ op: "end" });
  store.clock += day / 2;
  expect(await swept({ olderThan: 1000, dryRun: true })).toMatchObject([{ because: "old" }]);
  expect(keysLeft().length).toBeGreaterThan(5);
  const { backend, stopped } = provider();
  expect(await swept({ olderThan: 1000, backend })).toMatchObject([{ because: "old", workers: 1 }]);
  expect(stopped).toEqual(["w1"]);
  // The fence is young: what slept through it may still wake.
  expect((await session.ledger()).removed).toBe(true);
  store.clock += day;
  await swept();
  expect(keysLeft()).toEqual([]);
});
