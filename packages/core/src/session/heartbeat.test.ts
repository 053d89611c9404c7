import { expect, test } from "vitest";
import { SupervisedSession } from "../../test/supervised-session.ts";
import { Heartbeat } from "./heartbeat.ts";

/** Of a session with a TTL of 10 s: a sign of life is due each 2.5 s. */
async function begun(options: { readonly lingers?: number } = {}) {
  const session = new SupervisedSession();
  await session.begin();
  const { process, facts, view, heartbeat: other } = await session.client("other");
  await other.rest();
  const { keys } = session;
  const key = keys.worker("client.one");
  const heartbeat = new Heartbeat({ facts, keys, runtime: process.runtime, client: "client.one", view, ...options });
  const beats = () => session.read(key)?.beats;
  return { session, process, view, key, heartbeat, beats };
}

test("a client says each quarter of the TTL that it lives, and in the end what it asked for", async () => {
  const { session, key, heartbeat, beats } = await begun();
  await session.time.pass(11_000);
  expect(beats()).toBe(3);
  await heartbeat.stop();
  expect(session.read(key)).toMatchObject({ beats: 4, usage: { put: 5 } });
  await session.time.pass(10_000);
  expect(beats()).toBe(4);
});

test("what could not be said is said soon after", async () => {
  const { session, beats } = await begun();
  const away = Object.assign(new Error("away"), { code: "unavailable", retryable: true });
  session.store.interference.before = (operation) => {
    if (operation === "put" || operation === "get") throw away;
  };
  await session.time.pass(8000);
  expect(beats()).toBeUndefined();
  session.store.interference.before = () => undefined;
  await session.time.pass(2500);
  expect(beats()).toBe(0);
});

test("to a session that was removed nothing is said, or for as long as its workers are waited for", async () => {
  for (const [lingers, last] of [
    [0, 1],
    [10_000, 5],
  ] as const) {
    const { session, view, heartbeat, beats } = await begun({ lingers });
    await session.time.pass(5100);
    await session.append({ op: "remove" });
    await view.follow();
    await session.time.pass(30_000);
    expect(beats()).toBe(last);
    await heartbeat.stop();
    expect(beats()).toBe(last);
  }
});

test("who slept through a removal says nothing where all is deleted", async () => {
  const { session, process, key, view } = await begun({ lingers: 20_000 });
  await session.time.pass(5100);
  process.state = "frozen";
  await session.append({ op: "remove" });
  await session.store.delete([key]);
  await session.time.pass(20_000);
  process.thaw();
  await session.time.pass(20_000);
  expect(session.under(session.keys.workers)).toEqual([]);
  expect(view.current.removed).toBe(true);
});

test("nothing is said to a store that was deleted", async () => {
  const { session, view, heartbeat } = await begun();
  await session.time.pass(5100);
  session.store.objects.clear();
  await session.time.pass(3000);
  expect(view.lost).toMatchObject({ code: "session" });
  await heartbeat.stop();
  expect(session.store.objects.size).toBe(0);
});
