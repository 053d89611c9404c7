import { expect, test } from "vitest";
import { SupervisedSession } from "../../../../test/supervised-session.ts";
import { BackendError } from "../../../backend.ts";
import type { LaunchRequest, LaunchResult, Refusal } from "../../../backend.ts";
import type { CostEstimator } from "../../../costs.ts";
import { jsonBody } from "../../../protocol/lines.ts";
import { readExits } from "../../status/worker-times.ts";

const second = 1000;
const minute = 60 * second;
/** Of a supervisor of a session with a TTL of 10 s. */
const period = 2500;

const priced: CostEstimator = {
  worker: () => Promise.resolve({ amount: 1, currency: "USD", unit: "hour", source: "made up" }),
  store: () => Promise.resolve(undefined),
};

async function sessionOf(create = {}): Promise<SupervisedSession> {
  const session = new SupervisedSession();
  await session.begin(create);
  return session;
}

/** A provider that has room for so many, refuses the others, and keeps in mind what it was asked for. */
function withRoom(session: SupervisedSession, room: { free: number }, refusal: Partial<Refusal> = {}): number[] {
  const asked: number[] = [];
  session.provider.answer = ({ launch, slots }: LaunchRequest): LaunchResult => {
    asked.push(slots.length);
    const given = slots.slice(0, room.free);
    room.free -= given.length;
    const started = given.map((slot) => ({ slot, id: `m${launch}.${slot}` }));
    for (const { slot, id } of started) session.provider.workers.set(id, { id, launch, slot, state: "running" });
    const refused = slots.slice(given.length);
    return { started, refused: refused.map((slot) => ({ slot, kind: "quota", message: "8 vCPUs", ...refusal })) };
  };
  return asked;
}

test("what a quota frees is found by one, and taken at once by twice as many each time", async () => {
  const session = await sessionOf();
  const room = { free: 2 };
  const asked = withRoom(session, room);
  const { supervisor } = await session.client("a", { epoch: 1, workers: 10 });
  supervisor.expect("mine", 100, "command");
  await session.time.pass(minute);
  expect(asked[0]).toBe(10);
  expect(asked.slice(1).every((count) => count === 1)).toBe(true);
  // Twice a period, when it has waited for shorter times first.
  expect(asked.length).toBeLessThanOrEqual((2 * minute) / period + 4);
  expect(supervisor.state).toMatchObject({
    wanted: 10,
    live: 2,
    refused: { kind: "quota", message: "8 vCPUs", refused: 1, asked: 1 },
  });
  expect(supervisor.state?.because).toMatch(/^quota: 1 of 1 were refused, again in /);
  room.free = 100;
  asked.length = 0;
  await session.time.pass(period);
  expect(asked).toEqual([1, 2, 4, 1]);
  expect(supervisor.live).toBe(10);
  await supervisor.leave();
});

test("what a worker had that ended is asked for at once, but not before the provider wants to be asked", async () => {
  const session = await sessionOf();
  const room = { free: 2 };
  const asked = withRoom(session, room);
  const { supervisor } = await session.client("a", { epoch: 1, workers: 4 });
  supervisor.expect("mine", 100, "command");
  await session.time.pass(minute);
  asked.length = 0;
  await session.born(0, 0);
  session.provider.end("m0.0", { reason: "spot" });
  room.free = 1;
  await session.time.pass(period);
  expect(supervisor.live).toBe(2);
  await supervisor.leave();

  const other = await sessionOf();
  const late = withRoom(other, { free: 1 }, { retryAfter: minute });
  const patient = await other.client("a", { epoch: 1, workers: 4 });
  patient.supervisor.expect("mine", 100, "command");
  await other.time.pass(10 * second);
  await other.born(0, 0);
  other.provider.end("m0.0", { reason: "spot" });
  await other.time.pass(45 * second);
  expect(late).toEqual([4]);
  await other.time.pass(10 * second);
  expect(late).toEqual([4, 1]);
  await patient.supervisor.leave();
});

test("a provider that tells its room is asked for that much, and asked for it twice a period", async () => {
  const session = await sessionOf();
  const room = { free: 1 };
  const asked = withRoom(session, room);
  let questions = 0;
  const capacity = () => {
    questions++;
    return Promise.resolve(room.free);
  };
  const { supervisor } = await session.client("a", { epoch: 1, workers: 8, backend: { capacity } });
  supervisor.expect("mine", 100, "command");
  await session.time.pass(0);
  // The first launch is held up by nothing.
  expect([asked, questions]).toEqual([[8], 1]);
  await session.time.pass(minute);
  expect(asked).toEqual([8]);
  expect(supervisor.state?.because).toBe("quota: 7 of 8 were refused, and no capacity is free");
  expect(questions).toBeLessThanOrEqual((2 * minute) / period + 2);
  room.free = 5;
  await session.time.pass(period);
  expect(asked).toEqual([8, 5]);
  await supervisor.leave();
});

test.each([
  ["permission", "Give the credentials that are in use here the right to do it, or use others."],
  ["option", "Change that option of the backend, or of spec, and run it again."],
] as const)("a %s that is refused ends it at once, and says what to do", async (code, remedy) => {
  const session = await sessionOf();
  session.provider.answer = () => {
    throw new BackendError(code, "ecs:RunTask is denied");
  };
  const { supervisor } = await session.client("a", { epoch: 1 });
  supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  expect(supervisor.failure?.message).toBe(`No worker can be started on fake: ecs:RunTask is denied. ${remedy}`);
  expect(session.read(session.keys.launched(0))).toMatchObject({
    started: [],
    refused: [{ kind: code }, { kind: code }],
  });
});

test("an error that is a refusal is waited for as one, and an outage of minutes as well", async () => {
  const session = await sessionOf();
  let until = 5 * minute;
  session.provider.answer = () => {
    throw new BackendError(session.time.now < minute ? "quota" : "unavailable", "not now", { retryable: true });
  };
  const { supervisor } = await session.client("a", { epoch: 1 });
  supervisor.expect("mine", 10, "command");
  await session.time.pass(until);
  expect(supervisor.failure).toBeUndefined();
  session.provider.answer = undefined;
  until = 2 * minute;
  await session.time.pass(until);
  expect(session.provider.running).toHaveLength(2);
  await supervisor.leave();
});

test("when nobody ever comes to work, it ends with all that is known of why", async () => {
  const session = await sessionOf({ startTimeout: 30 * second });
  withRoom(session, { free: 1 });
  const logs = () => Promise.resolve("cannot find module\n");
  const { supervisor } = await session.client("a", { epoch: 1, workers: 2, backend: { logs } });
  supervisor.expect("mine", 10, "command");
  await session.time.pass(29 * second);
  expect(supervisor.failure).toBeUndefined();
  await session.time.pass(1.1 * second);
  expect(supervisor.failure).toMatchObject({ code: "workers" });
  expect(supervisor.failure?.message).toBe(
    "No worker came to work on fake within 30 s. 1 of 1 were refused last, for quota: 8 vCPUs. The backend says: 1 running. " +
      "One of them said: cannot find module. Mend that, or give more time by the session's startTimeout.",
  );
  // Whoever never came to work would never hear that nobody waits for it.
  expect(session.provider.running).toEqual([]);
});

test("nor is a full fleet waited for that somebody else's work has, and of which nobody comes", async () => {
  const session = await sessionOf({ startTimeout: 30 * second });
  await session.submit("theirs", 10);
  const { supervisor } = await session.client("a", { keeps: true, workers: 2 });
  await session.time.pass(29 * second);
  expect(supervisor.state).toMatchObject({ wanted: 2, live: 2, pending: 2 });
  await session.time.pass(4 * second);
  expect(supervisor.failure?.message).toMatch(
    /^No worker came to work on fake within 30 s. The backend says: 2 running/,
  );
  expect(session.provider.running).toEqual([]);
});

test("workers that say nothing any more are taken for lost when they are all that is left, and others come", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 10);
  const { supervisor } = await session.client("a", { keeps: true, workers: 2 });
  await session.time.pass(second);
  for (const slot of [0, 1]) await session.born(0, slot);
  // Both wait, or run something long.
  await session.time.pass(minute);
  expect(session.provider.stopped).toEqual([]);
  session.frozen.add("0.1");
  // As long as somebody works, nobody is asked about.
  for (let i = 0; i < 5; i++) {
    await session.time.pass(9 * second);
    await session.done(i);
  }
  expect(session.provider.stopped).toEqual([]);
  await session.time.pass(45 * second);
  expect(session.provider.stopped).toEqual(["m0.1.1"]);
  expect(session.read(session.keys.gone("0.1.0.x"))).toMatchObject({ reason: "lost", by: "client.a" });
  expect(session.read(session.keys.gone("0.0.0.x"))).toBeUndefined();
  expect(supervisor.live).toBe(2);
  await supervisor.leave();
});

test("workers that take minutes to start are watched from their birth on, and not from their launch on", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 10);
  const { supervisor } = await session.client("a", { keeps: true, workers: 2 });
  await session.time.pass(second);
  // They come to work in the middle of a watch, and their first sign of life is behind its end.
  for (const slot of [0, 1]) {
    session.frozen.add(`0.${slot}`);
    await session.time.pass(minute + 15 * second);
    await session.born(0, slot);
    await session.time.pass(2 * 10 * second - 3 * second);
    session.frozen.delete(`0.${slot}`);
  }
  await session.time.pass(2 * minute);
  expect(session.provider.stopped).toEqual([]);
  expect(session.provider.running).toEqual(["m0.0.0", "m0.1.1"]);
  await supervisor.leave();
});

test("who came to work once is not waited for, nor is anybody while nobody is wished for", async () => {
  const session = await sessionOf({ startTimeout: 30 * second });
  withRoom(session, { free: 1 });
  const { supervisor } = await session.client("a", { epoch: 1, workers: 2 });
  await session.time.pass(minute);
  supervisor.expect("mine", 10, "command");
  await session.time.pass(20 * second);
  await session.born(0, 0);
  await session.time.pass(minute);
  expect(supervisor.failure).toBeUndefined();
  await supervisor.leave();
});

test("the end of a worker that costs something is told as its provider bills it; of others, when it was a bad one", async () => {
  const session = await sessionOf();
  const { provider } = session;
  const a = await session.client("a", { epoch: 1, workers: 3, costs: priced });
  a.supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  for (const slot of [0, 1, 2]) await session.born(0, slot);
  const first = provider.workers.get("m0.0.0");
  if (first) provider.workers.set(first.id, { ...first, startedAt: 5, stoppedAt: 95 });
  provider.end("m0.0.0", { reason: "done", code: 0, memory: 7 });
  provider.workers.delete("m0.1.1");
  await session.time.pass(10 * second);
  expect(session.read(session.keys.exit(0, 0))).toEqual({
    v: 1,
    id: "m0.0.0",
    reason: "done",
    code: 0,
    signal: null,
    memory: 7,
    startedAt: 5,
    stoppedAt: 95,
    by: "client.a",
  });
  expect(session.read(session.keys.exit(0, 1))).toMatchObject({ reason: "lost", startedAt: null });
  a.process.state = "dead";
  // What ended while nobody looked is told by who comes next, of whom nobody knows what it costs.
  provider.end("m0.2.2", { reason: "oom", signal: "SIGKILL" });
  for (const id of provider.running) provider.end(id, { reason: "done" });
  await session.client("b", { keeps: true });
  await session.time.pass(minute);
  expect(session.read(session.keys.exit(0, 2))).toMatchObject({ reason: "oom", signal: "SIGKILL", by: "client.b" });
  expect(session.under(session.keys.exits)).toHaveLength(3);
});

test("ends of workers that are heard of at once are one fact, and none is left out that somebody else told of in part", async () => {
  const session = await sessionOf();
  const { provider, store, keys } = session;
  const a = await session.client("a", { epoch: 1, workers: 5, costs: priced });
  a.supervisor.expect("mine", 20, "command");
  await session.time.pass(0);
  for (const slot of [0, 1, 2, 3, 4]) await session.born(0, slot);
  await store.create(keys.exit(0, 0), jsonBody({ v: 1, id: "m0.0.0", reason: "lost", by: "client.before" }));
  const ids = provider.running;
  for (const id of ids.slice(0, 4)) provider.end(id, { reason: "spot" });
  await session.time.pass(10 * second);
  expect(session.under(keys.exits)).toEqual([keys.exit(0, 0), keys.exit(0, 1)]);
  expect(session.read(keys.exit(0, 1))).toMatchObject({
    id: ids[1],
    by: "client.a",
    more: [
      { slot: 2, id: ids[2], reason: "spot" },
      { slot: 3, id: ids[3], reason: "spot" },
    ],
  });
  const exits = await readExits(a.facts, keys);
  expect(
    [...exits].map(([name, { reason }]) => [name, reason]).sort(([one = ""], [other = ""]) => (one < other ? -1 : 1)),
  ).toEqual([
    ["0.0", "lost"],
    ["0.1", "spot"],
    ["0.2", "spot"],
    ["0.3", "spot"],
  ]);
  // What is known is not read again: one LIST.
  const before = a.facts.usage.get;
  expect(await readExits(a.facts, keys, exits)).toEqual(exits);
  expect(a.facts.usage.get).toBe(before);
  await a.supervisor.leave();
});

test("who supervises for others learns from their commits how long tasks take, and rents nobody whom the rest does not repay", async () => {
  const session = await sessionOf({ fleet: { workers: 4, backend: "fake", spec: {} } });
  const { provider } = session;
  provider.capabilities = { ...provider.capabilities, minimumBilling: minute, startup: 10 * second };
  await session.submit("theirs", 20);
  const { supervisor } = await session.client("a", { keeps: true, workers: 4, costs: priced });
  await session.time.pass(5 * second);
  expect(provider.running).toHaveLength(4);
  for (const slot of [0, 1, 2, 3]) await session.born(0, slot);
  for (let i = 0; i < 10; i++) await session.done(i, 6);
  for (const slot of [0, 1]) provider.end(`m0.${slot}.${slot}`, { reason: "spot" });
  await session.time.pass(10 * second);
  // 60 s of work for two: a third would have a quarter of it.
  expect(provider.running).toHaveLength(2);
  expect(supervisor.state?.because).toBe("2 workers and no more: another would work for 17 s and be billed for 60 s");
  await supervisor.leave();
});

test("what this client collects tells how long tasks take, and an estimate before that", async () => {
  const session = await sessionOf();
  const { provider } = session;
  provider.capabilities = { ...provider.capabilities, minimumBilling: minute };
  const { supervisor } = await session.client("a", { epoch: 1, workers: 8, costs: priced });
  supervisor.expect("mine", 90, "command", { estimate: 2000, concurrency: 1 });
  await session.time.pass(0);
  expect(session.provider.launches[0]?.slots).toHaveLength(3);
  const commit = {
    v: 1,
    first: 0,
    count: 10,
    epoch: 1,
    worker: "0.0.0.x",
    succeeded: 10,
    failed: 0,
    cancelled: 0,
  } as const;
  supervisor.progressed("mine", { ...commit, lines: 0, seconds: 50 });
  supervisor.grown();
  await session.time.pass(period);
  // 80 tasks of 5 s: 400 s of work.
  expect(supervisor.live).toBe(6);
  expect(supervisor.state).toMatchObject({ pending: 5 });
  await supervisor.leave();
});

test("what is measured says nothing once all should be done for long", async () => {
  const session = await sessionOf();
  const { provider } = session;
  provider.capabilities = { ...provider.capabilities, minimumBilling: minute };
  const { supervisor } = await session.client("a", { epoch: 1, workers: 4, costs: priced });
  supervisor.expect("mine", 10, "command", { estimate: 100, concurrency: 1 });
  await session.time.pass(second);
  await session.born(0, 0);
  expect(supervisor.live).toBe(1);
  await session.time.pass(10 * second);
  expect(supervisor.live).toBe(4);
  await supervisor.leave();
});

test("who supervises says in its hint how large the fleet is and is to be, and why", async () => {
  const session = await sessionOf();
  const { supervisor } = await session.client("a", { epoch: 1, workers: 2 });
  supervisor.expect("mine", 10, "command");
  await session.time.pass(2 * period + second);
  expect(session.read(session.keys.worker("client.a"))).toMatchObject({
    client: true,
    fleet: { because: "the fleet is as large as the work needs", wanted: 2, live: 2, pending: 2 },
  });
  const b = await session.client("b");
  await session.time.pass(minute);
  expect(session.read(session.keys.worker("client.b"))).not.toHaveProperty("fleet");
  await b.supervisor.leave();
  await supervisor.leave();
});

test("money that does not pay for anybody until the horizon is asked about again", async () => {
  // 320 s of one worker, which is billed for 60 at least: until the horizon, 300 s ahead, it pays for no other.
  const session = await sessionOf({ budget: { amount: 320 / 3600, currency: "USD" } });
  const { provider } = session;
  provider.capabilities = { ...provider.capabilities, minimumBilling: minute };
  const { supervisor } = await session.client("a", { epoch: 1, workers: 1, costs: priced });
  supervisor.expect("mine", 100, "command");
  await session.time.pass(second);
  await session.born(0, 0);
  provider.end("m0.0.0", { reason: "spot" });
  await session.time.pass(10 * second);
  expect(supervisor.state?.because).toBe("the money pays for none");
  await session.time.pass(2 * minute);
  expect(provider.running).toHaveLength(1);
  await supervisor.leave();
});

test("what takes the provider its time is told while it does", async () => {
  const session = await sessionOf();
  let finish: (result: LaunchResult) => void = () => undefined;
  session.provider.answer = (_request, { progress }) => {
    progress?.("pulling tools: 45 of 120 MB");
    return new Promise((resolve) => (finish = resolve));
  };
  const { supervisor } = await session.client("a", { epoch: 1, workers: 1 });
  supervisor.expect("mine", 100, "command");
  await session.time.pass(second);
  expect(supervisor.state?.because).toBe("pulling tools: 45 of 120 MB");
  finish({ started: [{ slot: 0, id: "m" }], refused: [] });
  await session.time.pass(second);
  expect(supervisor.state?.because).not.toContain("pulling");
  await supervisor.leave();
});

test("of a provider that is away it is told what it fails by", async () => {
  const session = await sessionOf();
  const { provider } = session;
  let isAway = true;
  provider.answer = async ({ launch }) => {
    if (isAway) throw new BackendError("unavailable", "No engine answers", { retryable: true });
    provider.workers.set("m", { id: "m", launch, slot: 0, state: "running" });
    return { started: [{ slot: 0, id: "m" }], refused: [] };
  };
  const { supervisor } = await session.client("a", { epoch: 1, workers: 1 });
  supervisor.expect("mine", 100, "command");
  await session.time.pass(second);
  expect(supervisor.state?.because).toBe("No engine answers");
  isAway = false;
  await session.time.pass(10 * second);
  expect(supervisor.state?.because).not.toBe("No engine answers");
  await supervisor.leave();
});

test("a launch that takes its time is given up by who leaves, and what came of it is known", async () => {
  const session = await sessionOf();
  const { provider } = session;
  provider.answer = ({ launch }, { signal }) => {
    provider.workers.set("m", { id: "m", launch, slot: 1, state: "running" });
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
  };
  const { supervisor } = await session.client("a", { epoch: 1, workers: 2 });
  supervisor.expect("mine", 100, "command");
  await session.time.pass(second);
  await supervisor.leave();
  expect(session.read(session.keys.launched(0))).toMatchObject({
    started: [{ slot: 1, id: "m" }],
    refused: [{ slot: 0, kind: "unavailable", message: "nobody waits for it any more" }],
  });
});
