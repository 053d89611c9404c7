import fc from "fast-check";
import { expect, test } from "vitest";
import { PlayedSession } from "../../../test/played-session.ts";
import type { Play } from "../../../test/played-session.ts";
import { jsonBody } from "../../protocol/lines.ts";
import type { Turn } from "../../protocol/turn.ts";
import type { AttachedSession } from "../attached.ts";
import type { SessionEvent } from "./event.ts";

async function eventsOf(session: AttachedSession, options = {}): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const event of session.events(options)) events.push(event);
  return events;
}

const launch = {
  v: 1,
  count: 2,
  token: "t",
  because: "2 chunks are left",
  by: "client.a",
  backend: "local",
  workers: 2,
};

/** A session of which every fact is written a moment after the one before, as its store's clock tells. */
async function begun(ticks: () => number = () => 1): Promise<PlayedSession> {
  const session = new PlayedSession();
  session.store.interference = {
    before: (operation) => {
      if (operation === "create" || operation === "put") session.store.clock += ticks();
    },
  };
  await session.create({ name: "night" });
  return session;
}

test("a session that is over is told from its begin to its end, in order", async () => {
  const session = await begun();
  const { store, keys } = session;
  await store.create(keys.supervisor(1), jsonBody({ v: 1, owner: "client.a" }));
  await store.create(keys.launch(0), jsonBody(launch));
  const refused = [{ slot: 1, kind: "quota", message: "1 of 1 are used", retryAfter: 500 }];
  await store.create(keys.launched(0), jsonBody({ v: 1, started: [{ slot: 0, id: "p0" }], refused }));
  await store.create(keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
  await session.submit("a", 4, 2);
  await session.run(0);
  await session.run(1, (task) => (task === 2 ? "failed" : "again"));
  await session.run(1);
  await store.create(
    keys.exit(0, 0),
    jsonBody({ v: 1, id: "p0", reason: "oom", code: 137, signal: null, memory: 64, by: "client.a" }),
  );
  await store.create(keys.gone("0.0.0.worker"), jsonBody({ v: 1, reason: "oom", code: 137, by: "client.a" }));
  await store.create(
    keys.gone("client.a"),
    jsonBody({ v: 1, reason: "failed", message: "no workers", by: "client.a" }),
  );
  const events = await eventsOf(await session.attach());
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((a, b) => a - b));
  expect(events.map(({ at: _, ...event }) => event)).toEqual([
    { type: "created", name: "night" },
    { type: "supervised", client: "client.a", epoch: 1 },
    { type: "wave", launch: 0, count: 2, fleet: 2, because: "2 chunks are left", backend: "local", client: "client.a" },
    { type: "started", launch: 0, workers: [{ slot: 0, id: "p0" }] },
    { type: "refused", launch: 0, slots: [1], kind: "quota", message: "1 of 1 are used", retryAfter: 500 },
    { type: "born", worker: "0.0.0" },
    { type: "opened", submission: "a", kind: "command", task: "c" },
    { type: "appended", submission: "a", tasks: 4, first: 0 },
    { type: "ended", submission: "a" },
    { type: "leased", chunk: 0, first: 0, tasks: 2, turn: 0, epoch: 1, because: "new" },
    { type: "committed", chunk: 0, turn: 0, first: 0, tasks: 2, succeeded: 2, failed: 0, cancelled: 0, again: 0 },
    { type: "leased", chunk: 1, first: 2, tasks: 2, turn: 0, epoch: 1, because: "new" },
    {
      type: "committed",
      chunk: 1,
      turn: 0,
      first: 2,
      tasks: 2,
      succeeded: 0,
      failed: 1,
      cancelled: 0,
      again: 1,
      worker: "0.0.0",
      seconds: 0,
    },
    { type: "failed", task: 2, attempt: 1, blame: "user", error: "Error: 2", seconds: 0 },
    { type: "retried", task: 3, attempt: 1, blame: "user", error: "Error" },
    { type: "leased", chunk: 1, first: 2, tasks: 1, turn: 1, epoch: 1, because: "again", worker: "0.0.0" },
    {
      type: "committed",
      chunk: 1,
      turn: 1,
      first: 2,
      tasks: 1,
      succeeded: 1,
      failed: 0,
      cancelled: 0,
      again: 0,
      worker: "0.0.0",
      seconds: 0,
    },
    { type: "exited", process: "0.0", id: "p0", reason: "oom", code: 137, memory: 64 },
    { type: "gone", worker: "0.0.0", reason: "oom", code: 137, by: "client.a" },
    { type: "unsupervised", client: "client.a", reason: "failed", message: "no workers" },
  ]);
});

test("an end of which several facts tell is told once, wherever a reading stops", async () => {
  const session = await begun();
  const { store, keys } = session;
  await store.create(keys.launch(0), jsonBody({ ...launch, count: 3 }));
  const end = (slot: number) => ({ slot, id: `p${slot}`, reason: "spot" });
  const tell = (slot: number, ...more: number[]) =>
    store.create(keys.exit(0, slot), jsonBody({ v: 1, ...end(slot), by: "client.a", more: more.map(end) }));
  await tell(1, 2, 3);
  await tell(0, 1, 2);
  await tell(2);
  const whole = await eventsOf(await session.attach());
  expect(whole.flatMap((event) => (event.type === "exited" ? event.process : []))).toEqual([
    "0.1",
    "0.2",
    "0.3",
    "0.0",
  ]);
  for (let most = 1; most <= whole.length; most++) {
    const told: SessionEvent[] = [];
    for (let from: string | undefined; ;) {
      const reading = (await session.attach()).events({ from });
      let given = 0;
      for await (const event of reading) {
        told.push(event);
        if (++given === most) break;
      }
      from = reading.cursor;
      if (given === 0) break;
    }
    expect(told).toEqual(whole);
  }
});

test("of memory it is told who lacked it, and how much is asked for then", async () => {
  const session = await begun();
  const { store, keys } = session;
  const waves = [{ slots: 1 }, { slots: 1, memory: 128 }].map((spec) => ({ ...launch, count: 1, spec }));
  for (const [n, wave] of waves.entries()) await store.create(keys.launch(n), jsonBody(wave));
  await store.create(keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
  await store.create(keys.gone("0.0.0.worker"), jsonBody({ v: 1, reason: "memory", needs: 128, by: "0.0.0.worker" }));
  const events = await eventsOf(await session.attach());
  const told = events.map(({ type, ...rest }) => [
    type,
    "memory" in rest && rest.memory,
    "needs" in rest && rest.needs,
  ]);
  expect(told.filter(([type]) => type === "wave" || type === "gone")).toEqual([
    ["wave", false, false],
    ["wave", 128, false],
    ["gone", false, 128],
  ]);
});

/** What happens next: workers work, take turns of others over, failed tasks are started again, inputs come, somebody reads on. */
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant("work" as const), chunk: fc.nat(9), plays: plays() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("take over" as const), chunk: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("mark" as const), chunk: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("retry" as const), tasks: fc.option(fc.array(fc.nat(15))) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), most: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("grow" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("launch" as const) }) },
  ),
  { minLength: 50, maxLength: 50 },
);

function plays() {
  return fc.array(fc.constantFrom<Play>("succeeded", "failed", "again", "cancelled"), { minLength: 2, maxLength: 2 });
}

/** A clock that goes forward by one, or one that goes back now and then. */
const clocks = fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: -3, max: 4 }), { minLength: 5, maxLength: 9 }));

test("readings that go on at each other's cursors tell every event once, and each in order", async () => {
  let told = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 2, max: 9 }), clocks, async (script, page, ticks) => {
      let ticked = 0;
      const steady = ticks.length === 1;
      const session = await begun(() => ticks[ticked++ % ticks.length] ?? 1);
      const { store, keys } = session;
      store.page = page;
      await session.submit("a", 10, 3);
      const turns = new Map<number, Turn>();
      const events: SessionEvent[] = [];
      let cursor: string | undefined;
      let launches = 0;
      let inOrder = true;
      const read = async (most: number) => {
        const reading = (await session.attach()).events({ from: cursor });
        let last = 0;
        for await (const event of reading) {
          inOrder &&= event.at >= last;
          last = event.at;
          events.push(event);
          if (--most <= 0) break;
        }
        cursor = reading.cursor;
      };
      for (const step of script) {
        const { chunks, tasks } = await session.ledger();
        if (step.do === "work") await (step.chunk < chunks && session.work(turns, step.chunk, [...step.plays]));
        else if (step.do === "read") await read(step.most);
        else if (step.do === "grow") await (chunks < 10 && session.submit(`c${chunks}`, 4, 2));
        else if (step.do === "retry")
          await session.enter({
            op: "retry",
            ...(step.tasks ? { tasks: step.tasks.filter((task) => task < tasks) } : {}),
          });
        else if (step.do === "launch") await launch(launches++);
        else if (step.do === "mark") await (step.chunk < chunks && mark(step.chunk));
        else await takeOver(turns.get(step.chunk));
      }
      const { chunks } = await session.ledger();
      for (let number = 0; number < chunks; number++) while (await session.work(turns, number, []));
      await read(Number.POSITIVE_INFINITY);
      const whole = await eventsOf(await session.attach());
      // Of a turn that was taken over a later reader can't tell by such a clock whether that was in vain.
      const comparable = (event: SessionEvent) => steady || event.type !== "leased" || event.epoch === 1;
      expect(events.filter(comparable).map(textOf).sort()).toEqual(whole.filter(comparable).map(textOf).sort());
      expect(inOrder || !steady).toBe(true);
      expect([...misplaced(events), ...misplaced(whole)]).toEqual([]);
      told += whole.length;

      async function takeOver(turn: Turn | undefined): Promise<void> {
        if (!turn) return;
        const { id, lease } = turn;
        let e = id.e;
        while (store.objects.has(keys.lease({ ...id, e }))) e++;
        await store.create(keys.lease({ ...id, e }), jsonBody({ ...lease, epoch: e, because: "lost" }));
      }

      /** By an owner that was frozen before it could commit: its commit will not be the one that counts. */
      async function mark(number: number): Promise<void> {
        const { s, i } = await session.chunk(number);
        const counts = { failed: 1, cancelled: 0, again: 0 };
        await store.create(keys.odd({ s, i, t: 0, e: 1 }, { first: 0, count: 2 }, counts), jsonBody({}));
      }

      async function launch(n: number): Promise<void> {
        const fact = { v: 1, count: 1, token: "t", because: "work", by: "client.a", backend: "local", workers: 1 };
        await store.create(keys.launch(n), jsonBody(fact));
        if (n % 3 === 0) return;
        await store.create(keys.born(n, 0, 0), jsonBody({ v: 1, incarnation: `${n}.0.0.worker` }));
        await store.create(keys.launched(n), jsonBody({ v: 1, started: [{ slot: 0, id: `p${n}` }], refused: [] }));
        if (n % 2 === 0) return;
        await store.create(keys.gone(`${n}.0.0.worker`), jsonBody({ v: 1, reason: "idle", by: `${n}.0.0.worker` }));
        // A supervisor that comes later answers for the one before.
        await store.create(keys.launched(n - 1), jsonBody({ v: 1, started: [], refused: [] }));
      }
    }),
    { numRuns: 60 },
  );
  expect(told).toBeGreaterThan(1000);
});

test("a mark that a lost owner writes behind another one's commit changes nothing of what is told", async () => {
  const session = await begun();
  const { store, keys } = session;
  await session.submit("a", 6, 6);
  const turn = await session.claim(0, 2);
  if (!turn) throw new Error("Nobody works on chunk 0.");
  await session.commit(turn, () => "succeeded");
  await session.commit(turn, () => "cancelled");
  await session.commit(turn, () => "succeeded");
  const before = await eventsOf(await session.attach());
  expect(before.map((event) => event.type === "committed" && event.worker)).toEqual([
    ...Array.from({ length: 5 }, () => false),
    undefined,
    "0.0.0",
    "0.0.0",
  ]);
  const counts = { failed: 1, cancelled: 0, again: 0 };
  await store.create(keys.odd({ ...turn.id, e: 1 }, { first: 0, count: 2 }, counts), jsonBody({}));
  expect(await eventsOf(await session.attach())).toEqual(before);
});

test.each(["parts", "leases"] as const)(
  "a takeover in vain is not told by a look that listed ends of turns before it, and then %s",
  async (listing) => {
    const session = await begun();
    const { store, keys } = session;
    await session.submit("a", 4, 4);
    const turn = await session.claim(0, 4);
    if (!turn) throw new Error("Nobody works on chunk 0.");
    const { before } = store.interference;
    store.interference = {
      async before(operation, key) {
        await before?.(operation, key);
        if (operation !== "list" || key !== keys[listing]) return;
        store.interference = before ? { before } : {};
        await session.commit(turn, () => "succeeded");
        const { id, lease } = turn;
        await store.create(keys.lease({ ...id, e: 2 }), jsonBody({ ...lease, epoch: 2, because: "lost" }));
      },
    };
    const reading = (await session.attach()).events();
    const told: SessionEvent[] = [];
    for await (const event of reading) told.push(event);
    const attached = await session.attach();
    told.push(...(await eventsOf(attached, { from: reading.cursor })));
    expect(told).toEqual(await eventsOf(attached));
    expect(told.filter(({ type }) => type === "leased")).toHaveLength(1);
  },
);

/** What is told before that from which it follows: of launches, workers, and the turns of each chunk. */
function misplaced(events: readonly SessionEvent[]): SessionEvent[] {
  const launches = new Set([-1]);
  const living = new Set<string>();
  const turns = new Map<number, number>();
  return events.filter((event) => {
    switch (event.type) {
      case "wave":
        launches.add(event.launch);
        return !launches.has(event.launch - 1);
      case "leased": {
        const before = turns.get(event.chunk) ?? -1;
        turns.set(event.chunk, event.turn);
        return event.turn - before !== (event.epoch === 1 ? 1 : 0);
      }
      case "committed":
        return turns.get(event.chunk) !== event.turn;
      case "born":
        living.add(event.worker);
        return !launches.has(Number.parseInt(event.worker, 10));
      case "gone":
        return !living.delete(event.worker);
      default:
        return false;
    }
  });
}

function textOf(event: SessionEvent): string {
  return JSON.stringify(event);
}

test("a session of 10,000 tasks is told by some dozens of requests, and little more is asked for while nothing happens", async () => {
  const session = await begun();
  await session.submit("a", 1000, 20);
  for (let n = 1; n < 10; n++) await session.submit(`a${n}`, 1000, 20);
  for (let number = 0; number < 500; number++)
    await session.run(number, (task) => (task === 7 ? "failed" : "succeeded"));
  const attached = await session.attach();
  const before = session.store.operations.length;
  const reading = attached.events();
  let succeeded = 0;
  for await (const event of reading) if (event.type === "committed") succeeded += event.succeeded;
  expect(succeeded).toBe(9999);
  // 11 entries, one commit with a failure, a look at the ledger, and 11 listings.
  expect(session.store.operations.length - before).toBeLessThanOrEqual(26);
  expect(reading.cursor.length).toBeLessThan(200);
  const again = session.store.operations.length;
  expect(await eventsOf(attached, { from: reading.cursor })).toEqual([]);
  expect(session.store.operations.length - again).toBeLessThanOrEqual(9);
});

test.each(["dones", "parts", "odds", "leases", "gones", "births", "launches"] as const)(
  "what is written while a look lists %s is told once, by it or by the next one",
  async (listing) => {
    const session = await begun();
    const { store, keys } = session;
    await session.submit("a", 8, 4);
    const turn = await session.claim(0, 2);
    if (!turn) throw new Error("Nobody works on chunk 0.");
    await session.commit(turn, () => "failed");
    const meanwhile = async () => {
      const { id, lease } = turn;
      await store.create(keys.lease({ ...id, e: 2 }), jsonBody({ ...lease, epoch: 2, because: "lost" }));
      await session.commit(turn, () => "again");
      await session.run(0);
      await session.run(1);
      const launch = { v: 1, count: 1, token: "t", because: "work", by: "client.a", backend: "local", workers: 1 };
      await store.create(keys.launch(0), jsonBody(launch));
      await store.create(keys.launched(0), jsonBody({ v: 1, started: [{ slot: 0, id: "p" }], refused: [] }));
      await store.create(keys.born(0, 0, 0), jsonBody({ v: 1, incarnation: "0.0.0.worker" }));
      await store.create(keys.gone("0.0.0.worker"), jsonBody({ v: 1, reason: "idle", by: "0.0.0.worker" }));
    };
    const { before } = store.interference;
    const reading = (await session.attach()).events();
    store.interference = {
      async before(operation, key) {
        await before?.(operation, key);
        if (operation !== "list" || key !== keys[listing]) return;
        store.interference = before ? { before } : {};
        await meanwhile();
      },
    };
    const events: SessionEvent[] = [];
    for await (const event of reading) events.push(event);
    const attached = await session.attach();
    events.push(...(await eventsOf(attached, { from: reading.cursor })));
    expect(misplaced(events)).toEqual([]);
    expect(events.map(textOf).sort()).toEqual((await eventsOf(attached)).map(textOf).sort());
    expect(events.filter(({ type }) => type === "leased")).toHaveLength(4);
  },
);
