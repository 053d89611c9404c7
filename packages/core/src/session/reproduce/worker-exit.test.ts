import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";
import type { Backend, WorkerStatus } from "../../backend.ts";
import { joinSession } from "../join-session.ts";
import type { Place } from "../place.ts";
import { workerExit } from "./worker-exit.ts";

const running: WorkerStatus = { id: "w", launch: 0, slot: 0, state: "running" };
const killed: WorkerStatus = { ...running, state: "exited", exit: { reason: "error", signal: "SIGKILL" } };
const another: WorkerStatus = { ...killed, id: "v", exit: { reason: "done", code: 0 } };

async function place(): Promise<Place> {
  const session = new PlayedSession(new MemoryStore(), virtualRuntime());
  await session.create();
  return joinSession(session.store, session.id, session.runtime);
}

/** A provider that answers these, one after the other. */
function listing(...answers: readonly (readonly WorkerStatus[])[]): Backend {
  const left = [...answers];
  return {
    name: "fake",
    capabilities: { spec: [], maxWorkers: 1, slots: 1, token: true, sharesFileSystem: false, spot: false },
    launch: () => Promise.reject(new Error("nothing is launched here")),
    list: () => Promise.resolve(left.shift() ?? []),
    stop: () => Promise.resolve(),
  };
}

test("a provider is asked until it tells how this worker ended", async () => {
  expect(await workerExit(listing([another], [another, running], [another, killed]), await place(), "w")).toEqual(
    killed.exit,
  );
});

test("a worker that is listed late is waited for, and one that is listed no more is lost", async () => {
  expect(await workerExit(listing([], [], [running], [], [], [killed]), await place(), "w")).toEqual(killed.exit);
  expect(await workerExit(listing([running]), await place(), "w")).toEqual({ reason: "lost" });
});

test("who tells by itself is not asked", async () => {
  const backend: Backend = {
    ...listing(),
    list: () => Promise.reject(new Error("it was asked")),
    async *watch() {
      yield [running];
      yield [killed];
    },
  };
  expect(await workerExit(backend, await place(), "w")).toEqual(killed.exit);
});
