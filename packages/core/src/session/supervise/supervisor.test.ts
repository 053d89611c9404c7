import { expect, test } from "vitest";
import type { WorkerStatus } from "../../backend.ts";
import { SupervisedSession } from "../../../test/supervised-session.ts";
import type { Client } from "../../../test/supervised-session.ts";

const minute = 60_000;

async function sessionOf(create = {}): Promise<SupervisedSession> {
  const session = new SupervisedSession();
  await session.begin(create);
  return session;
}

function killAfterCreate(session: SupervisedSession, client: Client, key: string): void {
  session.store.interference.after = (operation, written) => {
    if (operation === "create" && written === key) client.process.state = "dead";
  };
}

test("launches at once for who begins a session, and asks for nothing before", async () => {
  const session = await sessionOf();
  const { supervisor } = await session.client("a", { epoch: 1 });
  const before = session.store.operations.length;
  supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  expect(session.provider.launches).toHaveLength(1);
  expect(session.store.operations.slice(before)).toEqual(["create s/s/launch/000000", "create s/s/launched/000000"]);
  await supervisor.leave();
});

test("waits for one moment at a time to ask a provider again that has no room", async () => {
  const session = await sessionOf();
  const { provider, time } = session;
  provider.answer = ({ slots }) => {
    const retryAfter = 60_000 - provider.launches.length * 1000;
    return { started: [], refused: slots.map((slot) => ({ slot, kind: "quota", message: "no", retryAfter })) };
  };
  const { supervisor, process, heartbeat } = await session.client("a", { epoch: 1 });
  await heartbeat.stop();
  supervisor.expect("mine", 10, "command");
  for (let n = 0; n < 100; n++) {
    await time.pass(5000);
    supervisor.grown();
  }
  await time.pass(0);
  expect(provider.launches.length).toBeGreaterThan(5);
  // For the next launch, for the next look at what runs, and for the next look at the ledger.
  expect(process.waits).toBeLessThanOrEqual(3);
  await supervisor.leave();
  expect(process.waits).toBe(0);
});

test("who takes over waits as long as the provider told the one before", async () => {
  const session = await sessionOf();
  const { provider, time } = session;
  await session.submit("theirs", 10);
  provider.answer = ({ slots }) => ({
    started: [],
    refused: slots.map((slot) => ({ slot, kind: "quota", message: "no", retryAfter: 2 * minute })),
  });
  const a = await session.client("a", { epoch: 1 });
  a.supervisor.grown();
  await time.pass(10_000);
  await a.supervisor.leave();
  await a.heartbeat.stop();
  const b = await session.client("b", { keeps: true });
  await time.pass(minute);
  expect(b.supervisor.supervises).toBe(true);
  expect(provider.launches).toHaveLength(1);
  await time.pass(minute);
  expect(provider.launches).toHaveLength(2);
});

test("who takes over asks for one worker first where the one before was refused", async () => {
  const session = await sessionOf();
  const { provider, time } = session;
  await session.submit("theirs", 10);
  provider.answer = ({ slots }) => ({
    started: [],
    refused: slots.map((slot) => ({ slot, kind: "quota", message: "no" })),
  });
  const a = await session.client("a", { epoch: 1 });
  a.supervisor.grown();
  await time.pass(1);
  await a.supervisor.leave();
  await a.heartbeat.stop();
  expect(provider.launches.map(({ slots }) => slots.length)).toEqual([2]);
  await session.client("b", { keeps: true });
  await time.pass(minute);
  expect(provider.launches.length).toBeGreaterThan(2);
  expect(provider.launches.slice(1).every(({ slots }) => slots.length === 1)).toBe(true);
});

test("a candidate leaves what it needs to who supervises, as long as that one lives", async () => {
  const session = await sessionOf();
  await session.client("a", { epoch: 1 });
  const b = await session.client("b");
  b.supervisor.expect("mine", 10, "command");
  await session.time.pass(10 * minute);
  expect(session.under(session.keys.supervisors)).toEqual([session.keys.supervisor(1)]);
  expect(session.provider.launches).toEqual([]);
  expect(b.supervisor.supervises).toBe(false);
});

test("who supervises serves what others submit, soon after they did", async () => {
  const session = await sessionOf();
  await session.client("a", { epoch: 1 });
  await session.time.pass(10 * minute);
  await session.submit("theirs", 1);
  await session.time.pass(1100);
  expect(session.provider.launches).toHaveLength(1);
  expect(session.provider.launches[0]?.slots).toEqual([0]);
});

test("a candidate takes the place of who was silent for the lease, and no living worker counts for it", async () => {
  const session = await sessionOf();
  const a = await session.client("a", { epoch: 1 });
  a.supervisor.expect("mine", 10, "command");
  await session.time.pass(minute);
  await session.born(0, 0);
  await session.submit("theirs", 10);
  const b = await session.client("b");
  b.supervisor.expect("mine", 10, "command");
  await session.time.pass(minute);
  expect(b.supervisor.supervises).toBe(false);
  a.process.state = "dead";
  for (let s = 0; s < 12; s++) {
    await session.store.put(session.keys.worker("0.0.0.x"), new Uint8Array());
    await session.time.pass(1000);
  }
  expect(session.read(session.keys.supervisor(2))).toMatchObject({ owner: "client.b" });
  expect(b.supervisor.live).toBe(2);
  // What the one before launched is there, so nothing has to be.
  expect(session.provider.launches).toHaveLength(1);
  session.provider.end("m0.0.0", { reason: "error", code: 1 });
  await session.time.pass(3000);
  expect(session.provider.launches).toHaveLength(2);
});

test("who leaves makes room at once", async () => {
  const session = await sessionOf();
  const a = await session.client("a", { epoch: 1 });
  const b = await session.client("b");
  b.supervisor.expect("mine", 10, "command");
  await session.time.pass(minute);
  await a.supervisor.leave();
  expect(session.read(session.keys.gone("client.a"))).toMatchObject({ reason: "detached", by: "client.a" });
  await session.time.pass(1100);
  expect(b.supervisor.supervises).toBe(true);
  expect(session.provider.launches).toHaveLength(1);
});

test("of two candidates one takes the place, and what it launches is enough for both", async () => {
  const session = await sessionOf();
  const a = await session.client("a", { epoch: 1 });
  const candidates = [await session.client("b"), await session.client("c")];
  for (const { supervisor, process } of candidates) supervisor.expect(`of ${process.name}`, 10, "command");
  await session.time.pass(minute);
  a.process.state = "dead";
  await session.time.pass(minute);
  expect(session.under(session.keys.supervisors)).toHaveLength(2);
  expect(candidates.filter(({ supervisor }) => supervisor.supervises)).toHaveLength(1);
  expect(session.provider.running).toHaveLength(2);
});

test("who wakes up and finds its place taken launches nothing, and comes back when it is free", async () => {
  const session = await sessionOf();
  const a = await session.client("a", { epoch: 1 });
  const b = await session.client("b");
  await session.time.pass(minute);
  b.supervisor.expect("mine", 10, "command");
  a.process.state = "frozen";
  await session.time.pass(minute);
  expect(b.supervisor.supervises).toBe(true);
  a.supervisor.expect("late", 10, "command");
  a.process.thaw();
  await session.time.pass(minute);
  expect(a.supervisor.supervises).toBe(false);
  expect(session.provider.launches).toHaveLength(1);
  await b.supervisor.leave();
  await session.time.pass(minute);
  expect(a.supervisor.supervises).toBe(true);
  expect(a.supervisor.live).toBe(2);
  expect(session.read(session.keys.supervisor(3))).toMatchObject({ owner: "client.a" });
});

test("a launch that was decided and not made is made by the successor, with the same words", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 10);
  const a = await session.client("a", { epoch: 1 });
  killAfterCreate(session, a, session.keys.launch(0));
  a.supervisor.grown();
  await session.time.pass(0);
  expect(session.provider.launches).toEqual([]);
  await session.client("b", { keeps: true, workers: 5 });
  await session.time.pass(minute);
  const [first, second] = session.provider.launches;
  const fact = session.read(session.keys.launch(0));
  expect(first).toMatchObject({
    launch: 0,
    token: fact?.token,
    slots: [0, 1],
    spec: { slots: 1, env: { SECRET: "b" } },
  });
  expect(first?.args).toContain("--workers=2");
  expect(JSON.stringify(fact)).not.toContain("SECRET");
  expect(session.read(session.keys.launched(0))).toMatchObject({ started: [{ slot: 0 }, { slot: 1 }], refused: [] });
  expect(second).toMatchObject({ launch: 1, slots: [0, 1, 2] });
  expect(session.provider.running).toHaveLength(5);
});

test.each([
  { token: true, repeated: [0, 1] },
  { token: false, repeated: [1] },
])("a launch that was made and not answered starts nothing twice (token: $token)", async ({ token, repeated }) => {
  const session = await sessionOf();
  const { provider } = session;
  provider.capabilities = { ...provider.capabilities, token };
  await session.submit("theirs", 10);
  const a = await session.client("a", { epoch: 1 });
  provider.answer = ({ slots }) => {
    if (provider.launches.length === 1) a.process.state = "dead";
    const started = slots.map((slot) => ({ slot, id: `m${slot}` }));
    // The second one isn't listed before it is asked for again.
    for (const { slot, id } of started.slice(0, provider.launches.length))
      provider.workers.set(id, { id, launch: 0, slot, state: "running" });
    return { started, refused: [] };
  };
  a.supervisor.grown();
  const b = await session.client("b", { keeps: true });
  await session.time.pass(minute);
  const [first, second, third] = provider.launches;
  expect(second).toMatchObject({ launch: 0, token: first?.token, slots: repeated });
  expect(third).toBeUndefined();
  expect(session.read(session.keys.launched(0))).toMatchObject({ started: [{ id: "m0" }, { id: "m1" }] });
  expect(b.supervisor.live).toBe(2);
});

test("a launch of another program is not repeated but planned anew", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 10);
  const a = await session.client("a", { epoch: 1 });
  killAfterCreate(session, a, session.keys.launch(0));
  a.supervisor.grown();
  await session.client("b", { keeps: true, program: "1" });
  await session.time.pass(minute);
  expect(session.provider.launches).toMatchObject([{ launch: 1, slots: [0, 1], program: { sha256: "1" } }]);
  expect(session.read(session.keys.launched(0))).toMatchObject({ started: [], refused: [{ slot: 0 }, { slot: 1 }] });
});

test("a launch that nobody needs any more is not repeated", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 1);
  const a = await session.client("a", { epoch: 1 });
  killAfterCreate(session, a, session.keys.launch(0));
  a.supervisor.grown();
  await session.time.pass(0);
  await session.append({ op: "cancel", because: "enough" });
  await session.client("b", { keeps: true });
  await session.time.pass(20_000);
  expect(session.provider.launches).toEqual([]);
  expect(session.read(session.keys.launched(0))).toMatchObject({ refused: [{ slot: 0 }] });
});

test("who takes over says who died while nobody looked: of what the provider lists, and of what it forgot", async () => {
  const session = await sessionOf();
  const a = await session.client("a", { epoch: 1, workers: 3 });
  a.supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  for (const slot of [0, 1, 2]) await session.born(0, slot);
  await session.time.pass(minute);
  a.process.state = "dead";
  session.provider.end("m0.0.0", { reason: "oom", code: 137 });
  session.provider.workers.delete("m0.1.1");
  await session.client("b", { keeps: true, workers: 3 });
  await session.time.pass(minute);
  expect(session.read(session.keys.gone("0.0.0.x"))).toMatchObject({ reason: "oom", code: 137, by: "client.b" });
  expect(session.read(session.keys.gone("0.1.0.x"))).toMatchObject({ reason: "lost", by: "client.b" });
  expect(session.read(session.keys.gone("0.2.0.x"))).toBeUndefined();
});

test("workers that left because they found nothing to lease are replaced by one at most; those that were stopped by all", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 10);
  const { supervisor } = await session.client("a", { epoch: 1, workers: 4 });
  supervisor.grown();
  await session.time.pass(0);
  for (const slot of [0, 1, 2, 3]) await session.born(0, slot);
  const end = async (slot: number, reason: string) => {
    await session.gone(0, slot, reason);
    session.provider.end(`m0.${slot}.${slot}`, { reason: "done", code: 0 });
  };
  await end(0, "idle");
  await end(1, "idle");
  await session.time.pass(minute);
  expect(session.provider.launches).toHaveLength(1);
  await end(2, "stopped");
  await session.time.pass(minute);
  expect(session.provider.launches.slice(1)).toMatchObject([{ slots: [0] }]);
  await session.submit("more", 1);
  await session.time.pass(minute);
  expect(session.provider.running).toHaveLength(4);
});

test("what is done is no reason to launch, whoever submitted it", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 3);
  for (const i of [0, 1]) await session.done(i);
  await session.client("a", { keeps: true });
  await session.time.pass(1000);
  expect(session.provider.launches).toMatchObject([{ slots: [0] }]);
});

test("nothing is launched behind the word that all is over, until the ledger grows", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 3);
  const a = await session.client("a", { epoch: 1 });
  a.supervisor.grown();
  await session.time.pass(0);
  expect(session.provider.launches).toHaveLength(1);
  await session.store.create(session.keys.over(1), new Uint8Array());
  for (const id of session.provider.running) session.provider.end(id, { reason: "error", code: 1 });
  await session.time.pass(minute);
  expect(session.provider.launches).toHaveLength(1);
  await session.append({ op: "retry" });
  await session.time.pass(minute);
  expect(session.provider.launches).toHaveLength(2);
});

test("closing stops the workers, and is waited for", async () => {
  const session = await sessionOf();
  const { supervisor } = await session.client("a", { epoch: 1 });
  supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  const stopping = supervisor.stop();
  await session.time.pass(minute);
  await stopping;
  expect(session.provider.stopped).toHaveLength(2);
  expect(session.read(session.keys.gone("client.a"))).toMatchObject({ reason: "closed" });
});

test.each([0, 12 * minute])(
  "closing waits 15 s at most for workers of which nobody knows anything, after %i ms",
  async (lived) => {
    const session = await sessionOf();
    const backend = {
      list: () => Promise.resolve([]),
      // It tells that there is nobody, until it is told to end.
      async *watch(_: string, { signal }: { signal?: AbortSignal | undefined } = {}): AsyncGenerator<WorkerStatus[]> {
        yield [];
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
      },
    };
    const { supervisor } = await session.client("a", { epoch: 1, backend });
    supervisor.expect("mine", 10, "command");
    await session.time.pass(lived);
    let closed = false;
    void supervisor.stop().then(() => (closed = true));
    await session.time.pass(15_100);
    expect(closed).toBe(true);
    expect(session.provider.stopped.length).toBeGreaterThan(0);
  },
);

test("closing stops the workers though the store does not answer", async () => {
  const session = await sessionOf();
  const { supervisor } = await session.client("a", { epoch: 1 });
  supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  const answers: (() => void)[] = [];
  session.store.interference.before = () => new Promise((resolve) => answers.push(resolve));
  const stopping = supervisor.stop();
  await session.time.pass(16_000);
  expect(session.provider.running).toEqual([]);
  session.store.interference = {};
  for (const answer of answers) answer();
  await session.time.pass(minute);
  await stopping;
  expect(session.read(session.keys.gone("client.a"))).toMatchObject({ reason: "closed" });
});

test("closing leaves the workers to what somebody else has submitted, though it had not heard of it", async () => {
  const session = await sessionOf();
  const { supervisor } = await session.client("a", { epoch: 1 });
  supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  await session.submit("theirs", 3);
  const stopping = supervisor.stop();
  await session.time.pass(minute);
  await stopping;
  expect(session.provider.stopped).toEqual([]);
});

test("closing stops the workers when what others submitted is done", async () => {
  const session = await sessionOf();
  await session.submit("theirs", 1);
  const { supervisor } = await session.client("a", { epoch: 1 });
  supervisor.grown();
  await session.time.pass(0);
  await session.done(0);
  const stopping = supervisor.stop();
  await session.time.pass(minute);
  await stopping;
  expect(session.provider.stopped).toHaveLength(1);
});

test("a supervisor that can't go on says so to everybody, and another one may try", async () => {
  const session = await sessionOf();
  session.provider.answer = ({ slots }) => ({
    started: [],
    refused: slots.map((slot) => ({ slot, kind: "image", message: "there is no such image" })),
  });
  const a = await session.client("a", { epoch: 1 });
  const b = await session.client("b");
  a.supervisor.expect("mine", 10, "command");
  await session.time.pass(0);
  expect(a.supervisor.failure).toMatchObject({ code: "workers" });
  expect(session.read(session.keys.gone("client.a"))).toMatchObject({
    reason: "failed",
    message:
      "No worker can be started on fake: there is no such image. Name an image that exists for the workers' platform and that they may pull: spec.image.",
  });
  session.provider.answer = undefined;
  b.supervisor.expect("mine", 10, "command");
  await session.time.pass(minute);
  expect(session.provider.running).toHaveLength(2);
});

test("workers that end before they are born end it, unless somebody was born between", async () => {
  const session = await sessionOf();
  const a = await session.client("a", { epoch: 1, workers: 1 });
  a.supervisor.expect("mine", 10, "command");
  const die = async () => {
    await session.time.pass(5000);
    for (const id of session.provider.running) session.provider.end(id, { reason: "error", code: 1 });
    await session.time.pass(5000);
  };
  await die();
  await die();
  expect(a.supervisor.failure).toBeUndefined();
  await session.born(0, 7);
  await die();
  await die();
  expect(a.supervisor.failure).toBeUndefined();
  await die();
  expect(a.supervisor.failure?.message).toContain("Workers on fake end before they work.");
});
