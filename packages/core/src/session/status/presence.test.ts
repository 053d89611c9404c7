import { beforeEach, expect, test } from "vitest";
import { AgeingStore } from "../../../test/ageing-store.ts";
import { virtualRuntime } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";
import { jsonBody } from "../../protocol/lines.ts";

let session: PlayedSession;

beforeEach(async () => {
  session = new PlayedSession(new AgeingStore(), virtualRuntime());
  await session.create();
  await session.submit("a", 4, 1);
});

const born = (j: number) =>
  session.store.create(session.keys.born(0, j, 0), jsonBody({ v: 1, incarnation: `0.${j}.0.worker` }));

const status = async () => (await session.attach()).status();

test("workers that are silent while nothing happens are not counted, and have lived until they were heard of", async () => {
  await born(0);
  await born(1);
  await session.run(0);
  session.store.clock = 1000;
  expect(await status()).toMatchObject({ workers: 2, workerSeconds: 2 });
  session.store.clock = 2000;
  expect(await status()).toMatchObject({ workers: 0, workerSeconds: 0 });
});

test("who commits says that somebody lives, though not who; a hint says who", async () => {
  await born(0);
  await born(1);
  session.store.clock = 5000;
  await session.run(0);
  expect((await status()).workers).toBe(2);
  session.store.clock = 7000;
  await session.store.put(session.keys.worker("0.1.0.worker"), jsonBody({ v: 1 }));
  expect(await status()).toMatchObject({ workers: 1, workerSeconds: 7 });
});

test("a worker that is gone has lived until it said so", async () => {
  await born(0);
  session.store.clock = 10_000;
  await session.store.create(session.keys.gone("0.0.0.worker"), jsonBody({ v: 1, reason: "over" }));
  session.store.clock = 90_000;
  expect(await status()).toMatchObject({ workers: 0, workerSeconds: 10 });
});

test("a supervisor lives as long as its client is heard of, and says with its last word why it gave up", async () => {
  expect((await status()).supervisor).toBeUndefined();
  await session.store.create(session.keys.supervisor(1), jsonBody({ v: 1, owner: "client.one" }));
  expect((await status()).supervisor).toEqual({ alive: true });
  session.store.clock = 600;
  expect((await status()).supervisor).toEqual({ alive: false });
  await session.store.put(session.keys.worker("client.one"), jsonBody({ v: 1, client: true }));
  expect((await status()).supervisor).toEqual({ alive: true });
  await session.store.create(
    session.keys.gone("client.one"),
    jsonBody({ v: 1, reason: "failed", message: "no image", by: "client.one" }),
  );
  expect((await status()).supervisor).toEqual({ alive: false, failure: "no image" });
});

test("what workers cost is their time, by the rate of what they are made of", async () => {
  await born(0);
  session.store.clock = 3_600_000;
  await session.store.create(session.keys.gone("0.0.0.worker"), jsonBody({ v: 1, reason: "over" }));
  const { attachSession } = await import("../attach.ts");
  const costs = {
    worker: () =>
      Promise.resolve({ amount: 2, range: [1, 3] as const, currency: "USD", unit: "hour" as const, source: "" }),
    store: () => Promise.resolve(undefined),
  };
  const priced = await attachSession(session.store, session.id, { runtime: session.runtime, costs });
  expect((await priced.status()).cost).toEqual({
    total: { amount: 2, currency: "USD", range: [1, 3] },
    workers: { amount: 2, currency: "USD", range: [1, 3] },
  });
  expect((await status()).cost).toBeUndefined();
});
