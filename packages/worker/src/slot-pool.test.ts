import type { Runtime, Submission } from "@skyburst/core/protocol";
import { expect, test, vi } from "vitest";
import { aheadSeconds, firstLook, mostInFlight, slowInRow } from "./pace.ts";
import { SlotPool } from "./slot-pool.ts";
import type { AssignmentEnd, Report, Slots } from "./slot.ts";
import { WorkDone } from "./work-done.ts";

const submission: Submission = {
  id: "one",
  task: { kind: "command", name: "true", argv: ["true"], substitute: false },
  options: { retries: 0, backoff: 0, concurrency: 1, grace: 0 },
  ordinal: 1,
  segments: 1,
  tasks: 1000,
  ended: true,
  cancelled: false,
  grants: [],
};

/** A pool in time that stands still, with slots whose assignments end when they are told to. */
function stage(count: number, starting?: Promise<void>, isUp = false) {
  const clock = { now: 1000 };
  const withdrawn: number[] = [];
  const ends: ((end: AssignmentEnd) => void)[] = [];
  const runtime: Runtime = {
    monotonic: () => clock.now,
    sleep: () => Promise.reject(new Error("a pool does not wait")),
    timer: () => {
      throw new Error("a pool does not wait");
    },
    random: () => 0,
  };
  const slots: Slots = {
    count,
    prepare: () => undefined,
    starting: () => starting,
    slot: () => ({ isUp, run: () => new Promise((resolve) => ends.push(resolve)), close: () => Promise.resolve() }),
    close: () => Promise.resolve(),
  };
  const wake = vi.fn<() => void>();
  const work = new WorkDone();
  const pool = new SlotPool(slots, runtime, work, wake);
  const never = new AbortController().signal;
  const give = (number: number, tasks: number) =>
    pool.run(number, {
      assignment: {
        submission,
        index: 0,
        task: 0,
        offsets: { first: 0, count: tasks },
        inputs: { count: tasks, rich: [], lines: new Uint8Array() },
      },
      report: (_: Report) => undefined,
      end: (_: AssignmentEnd) => undefined,
      signals: { signal: never, drain: never },
      withdraw: () => withdrawn.push(number),
    });
  /** The oldest assignment ends after so many milliseconds. */
  const end = (ms: number, running: Promise<void>) => {
    clock.now += ms;
    ends.shift()?.({ unstarted: [], aborted: [] });
    return running;
  };
  return { pool, clock, give, end, wake, work, withdrawn };
}

test("another slot is opened when the first has been up, and busy, for a while", async () => {
  let up = () => {};
  const { pool, clock, give, wake } = stage(2, new Promise((resolve) => (up = resolve)));
  expect([pool.hasRoom(0), pool.hasRoom(1)]).toEqual([true, false]);
  void give(0, 1);
  clock.now += 1000;
  expect(pool.untilRoom()).toBe(Number.POSITIVE_INFINITY);
  up();
  await vi.waitFor(() => expect(wake).toHaveBeenCalledOnce(), { timeout: 60_000 });
  expect(pool.untilRoom()).toBe(firstLook);
  clock.now += firstLook;
  expect([pool.hasRoom(0), pool.hasRoom(1)]).toEqual([false, true]);
});

test("slots that are up before there is work for them get it all at once", () => {
  const { pool, give } = stage(3, undefined, true);
  void give(0, 1);
  expect([pool.hasRoom(0), pool.hasRoom(1), pool.hasRoom(2)]).toEqual([false, true, true]);
});

test("quick tasks stay with the first slot, several assignments at a time", async () => {
  const { pool, give, end } = stage(2);
  await end(0.1, give(0, 1));
  for (let n = 0; n < 100; n++) await end(0.2, give(0, 1000));
  const running: Promise<void>[] = [];
  while (pool.hasRoom(0)) running.push(give(0, 1000));
  expect(running).toHaveLength(mostInFlight.many);
  expect(pool.hasRoom(1)).toBe(false);
});

test("tasks that take some microseconds are spread as soon as several assignments in a row have shown it", async () => {
  const { pool, give, end } = stage(2);
  const running = [give(0, 1)];
  const next = async (ms: number) => {
    await end(ms, running.shift() ?? Promise.reject(new Error("nothing runs")));
    while (pool.hasRoom(0)) running.push(give(0, 1000));
    return pool.hasRoom(1);
  };
  const times = [0.1, ...Array(slowInRow - 1).fill(8), 1, ...Array(slowInRow).fill(8)];
  const spread: boolean[] = [];
  for (const ms of times) spread.push(await next(ms));
  expect(spread.indexOf(true)).toBe(times.length - 1);
});

test("tasks that are measured fill a slot only a little ahead, and then the others", async () => {
  const { pool, clock, give, end } = stage(3);
  await end(200, give(0, 1));
  expect(pool.most(submission)).toBe(1);
  void give(0, 1);
  expect(pool.hasRoom(0)).toBe(false);
  clock.now += firstLook;
  expect([pool.hasRoom(1), pool.hasRoom(2), pool.room]).toEqual([true, true, 2]);
  void give(1, 1);
  void give(2, 1);
  expect(pool.room).toBe(0);
  clock.now += 200 - firstLook - aheadSeconds * 1000;
  expect([pool.hasRoom(0), pool.hasRoom(1)]).toEqual([true, false]);
});

test("a slot with short assignments gets the next one at once, and no third", async () => {
  const { pool, give, end } = stage(1);
  await end(5, give(0, 1));
  expect(pool.most(submission)).toBe(20);
  void give(0, 20);
  expect(pool.hasRoom(0)).toBe(true);
  void give(0, 20);
  expect([pool.hasRoom(0), pool.untilRoom()]).toEqual([false, Number.POSITIVE_INFINITY]);
});

test("who is at a task for much longer than the others took gets nothing more, and other slots are opened", async () => {
  const { pool, clock, give, end } = stage(2);
  for (let n = 0; n < 20; n++) await end(1, give(0, 1));
  void give(0, 50);
  clock.now += 1000;
  expect(pool.hasRoom(1)).toBe(true);
  void give(0, 50);
  clock.now += 1000;
  expect([pool.hasRoom(0), pool.hasRoom(1), pool.untilRoom()]).toEqual([false, true, 0]);
});

test("of few tasks a slot holds one assignment behind another, however quick they are", async () => {
  const { pool, give, end } = stage(2);
  for (let n = 0; n < 20; n++) await end(0.05, give(0, 1));
  void give(0, 1);
  expect(pool.hasRoom(0)).toBe(true);
  void give(0, 1);
  expect(pool.hasRoom(0)).toBe(false);
});

test("what waits behind an assignment is withdrawn once while a slot has nothing", async () => {
  const { pool, give, end, withdrawn } = stage(3);
  const first = give(1, 1);
  void give(0, 1);
  void give(0, 1);
  pool.balance();
  expect([withdrawn, [...pool.inNeed()]]).toEqual([[], [2, 0, 1]]);
  await end(1, first);
  pool.balance();
  pool.balance();
  expect([withdrawn, [...pool.inNeed()]]).toEqual([[0], [1, 2, 0]]);
});

test("an estimate stands in until tasks were measured", () => {
  const { pool } = stage(1);
  const estimated = { ...submission, options: { ...submission.options, estimate: 5 } };
  expect([pool.seconds(submission), pool.most(submission)]).toEqual([undefined, 1]);
  expect([pool.seconds(estimated), pool.most(estimated)]).toEqual([0.005, 20]);
});

test("counts what ran, for as long as it kept its slot", async () => {
  const { give, end, work } = stage(2);
  const first = give(0, 1);
  const behind = give(0, 3);
  const beside = give(1, 1);
  await end(2000, first);
  await end(500, behind);
  await end(0, beside);
  expect(work.words).toEqual({ attempts: 5, seconds: 5, wasted: { retried: 0, returned: 0 } });
});
