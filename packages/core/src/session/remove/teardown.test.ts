import { beforeEach, expect, test } from "vitest";
import { AgeingStore } from "../../../test/ageing-store.ts";
import { virtualRuntime } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";
import type { ManagedSession, TeardownRequest, WorkerStatus } from "../../backend.ts";
import { storeId } from "../../protocol/store-id.ts";
import { teardown } from "./teardown.ts";
import type { TornDownBackend } from "./teardown.ts";

let store: AgeingStore;
let session: PlayedSession;
let workers: { readonly id: string; readonly of: ManagedSession; state: WorkerStatus["state"] }[];
/** What was asked of the role. */
let asked: TeardownRequest[];

beforeEach(async () => {
  store = new AgeingStore();
  session = new PlayedSession(
    store,
    virtualRuntime((ms) => {
      store.clock += ms;
    }),
  );
  workers = [];
  asked = [];
  await session.create();
  await session.submit("a", 2, 1);
});

const backend: TornDownBackend = {
  name: "docker",
  list: (id) =>
    Promise.resolve(
      workers.flatMap(({ id: worker, of, state }) =>
        of.sessionId === id ? [{ id: worker, launch: 0, slot: 0, state }] : [],
      ),
    ),
  async stop(ids) {
    for (const worker of workers) if (ids.includes(worker.id)) worker.state = "exited";
  },
  sessions: () => Promise.resolve(workers.flatMap(({ of, state }) => (state === "exited" ? [] : [of]))),
  async teardown(request = {}) {
    asked.push(request);
    return [{ kind: "volume", name: "v" }];
  },
};

function worker(sessionId: string, of: string = storeId(store.reference)): void {
  workers.push({ id: `worker ${workers.length}`, of: { sessionId, storeId: of }, state: "running" });
}

const tearDown = (options = {}) => teardown(store, backend, { runtime: session.runtime, ...options });
const states = () => workers.map(({ state }) => state);

test("what is left is removed, but for what ended of sessions that go on", async () => {
  expect(await tearDown()).toEqual({ workers: 0, removed: [{ kind: "volume", name: "v" }] });
  expect(asked).toMatchObject([{ spare: [session.id], dryRun: false }]);
  await session.run(0);
  await session.run(1);
  await tearDown();
  expect(asked).toMatchObject([{}, { spare: [] }]);
});

test("while workers run that somebody may care for, nothing is removed", async () => {
  worker(session.id);
  worker("0000000-other", "0123456789abcdef");
  worker("0000000-gone");
  await expect(tearDown()).rejects.toMatchObject({
    code: "option",
    message: `Workers run on docker, of the sessions ${session.id}, 0000000-other (of another store): end what they do (\`skyburst cancel\`), or end them with \`--force\` (\`force: true\`).`,
  });
  expect(asked).toEqual([]);
  expect(states()).toEqual(["running", "running", "running"]);
});

test("workers that nobody cares for are ended first", async () => {
  worker("0000000-gone");
  expect(await tearDown({ dryRun: true })).toMatchObject({ workers: 1 });
  expect(states()).toEqual(["running"]);
  expect(await tearDown()).toMatchObject({ workers: 1 });
  expect(states()).toEqual(["exited"]);
});

test("by force all workers are ended, and nothing is spared", async () => {
  worker(session.id);
  worker("0000000-other", "0123456789abcdef");
  expect(await tearDown({ force: true })).toMatchObject({ workers: 2 });
  expect(states()).toEqual(["exited", "exited"]);
  expect(asked).toMatchObject([{ spare: [] }]);
});

test("a backend that leaves nothing has nothing to remove", async () => {
  const { list, stop } = backend;
  expect(await teardown(store, { name: "local", list, stop }, { runtime: session.runtime })).toEqual({
    workers: 0,
    removed: [],
  });
});
