import { open } from "@skyburst/core";
import type { Backend, StateStore } from "@skyburst/core";
import { indexKey, randomText, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Stack } from "../stack.ts";
import { check, milliseconds } from "./check.ts";
import type { Check } from "./check.ts";

/** Longest wait for the one task of the one worker, in milliseconds. */
const patience = 120_000;

/**
 * Whether the backend can be asked, and starts a worker that works.
 *
 * @param withStore The store is fit: without one, no worker can start.
 */
export async function* checkBackend({ backend, store, spec }: Stack, withStore: boolean): AsyncGenerator<Check> {
  const { capabilities } = backend;
  yield await check("backend", "lists workers", async () => {
    const listed = await backend.list(`doctor-${randomText(systemRuntime, 8)}`);
    if (listed.length > 0) throw new Error(`it lists ${listed.length} workers of a session that there never was.`);
    return "";
  });
  yield await check("backend", "has room", async () => {
    const room = (await backend.capacity?.(spec)) ?? capabilities.maxWorkers;
    if (room < 1) throw new Error("no more worker can start now: wait until others end, or raise its limit.");
    const workers = `${Number.isFinite(room) ? `${room} more` : "any number of"} workers`;
    return `for ${workers}, each with ${spec.slots ?? capabilities.slots} slots`;
  });
  if (withStore) yield await check("backend", "starts a worker that works", () => work(backend, store, spec));
  else
    yield {
      subject: "backend",
      name: "starts a worker that works",
      result: "skipped",
      detail: "the store has to be fit first",
    };
}

/** One task on one worker, in a session that is gone afterwards. */
async function work(backend: Backend, store: StateStore, spec: Stack["spec"]): Promise<string> {
  const began = performance.now();
  const session = await open({
    backend,
    store,
    workers: 1,
    spec: { ...spec, slots: 1 },
    name: "doctor",
    linger: 0,
    expires: 0,
  });
  try {
    const signal = AbortSignal.timeout(patience);
    const version = await session.submit(() => process.version, null, { signal }).value();
    return `after ${milliseconds(performance.now() - began)}, on Node ${version}`;
  } finally {
    await session.close();
    await remove(store, session.id);
  }
}

/** The worker is gone, and nobody else knows of the session. */
async function remove(store: StateStore, id: string): Promise<void> {
  for await (const { entries } of store.list(sessionKeys(id).root)) await store.delete(entries.map(({ key }) => key));
  await store.delete([indexKey(id)]);
}
