import { expect, test } from "vitest";
import { MemoryStore, virtualRuntime } from "../../../test/memory-store.ts";
import { PlayedSession } from "../../../test/played-session.ts";
import { jsonBody } from "../../protocol/lines.ts";
import type { StorePace } from "../../store.ts";
import type { SessionEvent } from "./event.ts";

/** A store as slow as S3. */
class SlowStore extends MemoryStore {
  override readonly pace: StorePace = { ttl: 60_000, commitInterval: 15_000, poll: [1000, 30_000], chunksPerSlot: 8 };
}

interface Followed {
  readonly session: PlayedSession;
  readonly waits: readonly number[];
  /** What happens in the waits between looks, one after the other. */
  readonly steps: ((session: PlayedSession) => Promise<unknown>)[];
}

async function followed(store = new MemoryStore()): Promise<Followed> {
  const waits: number[] = [];
  const steps: Followed["steps"] = [];
  const time = virtualRuntime((ms) => {
    waits.push(ms);
    store.clock += ms;
  });
  const runtime: typeof time = {
    ...time,
    async sleep(ms, signal) {
      await time.sleep(ms, signal);
      await steps.shift()?.(session);
    },
  };
  const session = new PlayedSession(store, runtime);
  await session.create({ ttl: store.pace.ttl });
  return { session, waits, steps };
}

/** Types of what was told, and how the reading ended. */
async function follow(session: PlayedSession): Promise<{ readonly types: string[]; readonly error?: unknown }> {
  const types: SessionEvent["type"][] = [];
  try {
    for await (const { type } of (await session.attach()).events({ wait: true })) types.push(type);
    return { types };
  } catch (error) {
    return { types, error };
  }
}

const birth = ({ store, keys }: PlayedSession) =>
  store.create(keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
const lastWord = ({ store, keys }: PlayedSession) =>
  store.create(keys.gone("0.0.0.worker"), jsonBody({ v: 1, reason: "over", by: "0.0.0.worker" }));
const exit = ({ store, keys }: PlayedSession) =>
  store.create(keys.exit(0, 0), jsonBody({ v: 1, id: "p0", reason: "done", by: "client.a" }));
const nothing = () => Promise.resolve();

test("who waits is told what comes, up to the last word of the last worker, and what its provider says of it", async () => {
  const { session, steps } = await followed();
  steps.push(
    birth,
    () => session.submit("a", 2, 1),
    nothing,
    () => session.run(1),
    nothing,
    () => session.run(0),
  );
  steps.push(nothing, nothing, nothing, lastWord, nothing, nothing, exit);
  const { types, error } = await follow(session);
  expect(error).toBeUndefined();
  const work = ["leased", "committed", "leased", "committed"];
  expect(types).toEqual(["created", "born", "opened", "appended", "ended", ...work, "gone", "exited"]);
});

test("a worker that fell silent for a TTL is not waited for", async () => {
  const { session, waits, steps } = await followed();
  await birth(session);
  steps.push(
    () => session.submit("a", 1, 1),
    () => session.run(0),
  );
  const { types, error } = await follow(session);
  expect(error).toBeUndefined();
  expect(types.at(-1)).toBe("committed");
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(session.store.pace.ttl);
});

test("a session that is paused is told up to then, and the reading ends with that", async () => {
  const { session, steps } = await followed();
  await birth(session);
  await session.submit("a", 2, 1);
  steps.push(() => session.enter({ op: "pause", because: "budget", message: "2 USD are spent" }), nothing, lastWord);
  const { types, error } = await follow(session);
  expect(error).toMatchObject({ code: "paused", message: expect.stringContaining("2 USD") });
  expect(types.slice(-2)).toEqual(["paused", "gone"]);
});

test("a session that is removed ends the reading, whatever is deleted then", async () => {
  const { session, steps } = await followed();
  await session.submit("a", 2, 1);
  steps.push(() => session.enter({ op: "remove" }));
  const { types, error } = await follow(session);
  expect(error).toBeUndefined();
  expect(types.at(-1)).toBe("removed");
});

test("nobody waits for ever where nobody works", async () => {
  const { session } = await followed();
  await session.submit("a", 2, 1);
  expect((await follow(session)).error).toMatchObject({ code: "workers" });
});

test("on a store of slow requests looks are 1 to 10 s apart, and closer again when something comes", async () => {
  const { session, waits, steps } = await followed(new SlowStore());
  await session.submit("a", 2, 1);
  for (let n = 0; n < 12; n++) steps.push(nothing);
  steps.push(() => session.run(0));
  for (let n = 0; n < 6; n++) steps.push(nothing);
  steps.push(() => session.run(1));
  const { types } = await follow(session);
  expect(types.slice(-4)).toEqual(["leased", "committed", "leased", "committed"]);
  expect(waits.slice(0, 3).map(Math.round)).toEqual([1000, 1300, 1690]);
  expect(waits[12]).toBe(10_000);
  expect(waits[13]).toBe(1000);
});
