import fc from "fast-check";
import { expect, test } from "vitest";
import { planFleet } from "./plan-fleet.ts";
import type { FleetPlan } from "./plan-fleet.ts";
import type { FleetObservation, FleetPolicy } from "./plan-fleet-observation.ts";

/** 100 chunks of unknown work, and nobody there. */
const nobody: FleetObservation = {
  chunks: 100,
  open: false,
  live: [],
  slots: 1,
  failures: 0,
  sinceLaunch: Number.POSITIVE_INFINITY,
};
const wish: FleetPolicy = { workers: 8, maxWorkers: 10 };

/** 600 tasks of a second, on workers that take 30 s to start, cost something, and are billed for a minute at least. */
const rented: FleetObservation = {
  ...nobody,
  work: { tasks: 600, seconds: 600 },
  startup: 30_000,
  minimumBilling: 60_000,
  rate: 1,
};
const quota = { kind: "quota" as const, refused: 3, asked: 10, probe: 1 };

interface Case {
  readonly observed?: Partial<FleetObservation>;
  readonly policy?: Partial<FleetPolicy>;
  readonly plan: Partial<FleetPlan>;
}

test.each<[string, Case]>([
  [
    "the whole wish at once, as long as nobody knows how long the work takes",
    { plan: { launch: 8, wanted: 8, because: "8 of 8 workers: 100 chunks are left" } },
  ],
  ["no more than there are chunks for their slots", { observed: { chunks: 3, slots: 2 }, plan: { launch: 2 } }],
  ["what is missing, and nobody who is there twice", { observed: { live: ["a", "b", "c"] }, plan: { launch: 5 } }],
  ["no more than the backend has at a time", { policy: { maxWorkers: 3 }, plan: { launch: 3 } }],
  [
    "everything for a stream of unknown length",
    {
      observed: { chunks: 0, open: true },
      plan: { launch: 8, because: "8 of 8 workers: their work is about to come" },
    },
  ],
  [
    "nothing for nothing, and nobody is stopped for it: workers without work leave by themselves",
    {
      observed: { chunks: 0, live: ["a"] },
      plan: { launch: 0, stop: [], because: "the fleet is as large as the work needs" },
    },
  ],
])("the work: %s", holds);

test.each<[string, Case]>([
  [
    "the newest leave when fewer are wanted",
    {
      observed: { live: ["a", "b", "c"] },
      policy: { workers: 2 },
      plan: { stop: ["c"], launch: 0, because: "3 workers run and 2 are wanted" },
    },
  ],
  [
    "those that do not work yet leave before them",
    { observed: { live: ["a", "b", "c"], pending: ["a"] }, policy: { workers: 2 }, plan: { stop: ["a"] } },
  ],
  [
    "a limit of money per hour counts as one of workers",
    { observed: { live: ["a", "b", "c"] }, policy: { mostPaid: 1 }, plan: { stop: ["b", "c"] } },
  ],
])("over the limit: %s", holds);

test.each<[string, Case]>([
  ["those who left are not replaced", { observed: { live: ["a", "b"], idle: 6 }, plan: { launch: 0 } }],
  ["but one of them is", { observed: { live: ["a"], idle: 6 }, plan: { launch: 1 } }],
  ["one is there as long as something is left", { observed: { idle: 8 }, plan: { launch: 1 } }],
  ["and none for what may come", { observed: { chunks: 0, open: true, idle: 8 }, plan: { launch: 0 } }],
])("who found nothing to do: %s", holds);

test.each<[string, Case]>([
  [
    "each works for as long as it is billed at least",
    {
      observed: rented,
      plan: { launch: 8, because: "8 of 8 workers: 600 tasks of 1 s are left, done in 1.8 min" },
    },
  ],
  [
    "no more than the rest repays",
    {
      observed: { ...rented, work: { tasks: 200, seconds: 200 } },
      plan: { launch: 3, because: "3 of 8 workers: 200 tasks of 1 s are left, done in 97 s" },
    },
  ],
  [
    "and it says what another one would be paid for",
    {
      observed: { ...rented, live: ["a", "b"], work: { tasks: 160, seconds: 160 } },
      plan: { launch: 0, because: "2 workers and no more: another would work for 33 s and be billed for 60 s" },
    },
  ],
  [
    "where the start is paid, it is not longer than the work",
    {
      observed: { ...rented, live: ["a"], minimumBilling: 0, work: { tasks: 50, seconds: 50 } },
      plan: { launch: 0, because: "1 worker and no more: another would work for 10 s and take 30 s to start" },
    },
  ],
  ["slots share the work", { observed: { ...rented, slots: 4, chunks: 1000 }, plan: { launch: 2 } }],
  [
    "who starts now works as late as who is launched next",
    {
      observed: { ...rented, live: ["a", "b", "c"], pending: ["a", "b", "c"], work: { tasks: 200, seconds: 200 } },
      plan: { launch: 0 },
    },
  ],
  [
    "what costs nothing is worth it if it begins before the end",
    {
      observed: { ...rented, live: ["a"], rate: 0, minimumBilling: 0, work: { tasks: 50, seconds: 50 } },
      plan: {
        launch: 7,
        because: "7 more of 8 workers: 50 tasks of 1 s are left, done in 33 s instead of 50 s",
      },
    },
  ],
  [
    "and not after it",
    {
      observed: { ...rented, live: ["a", "b"], rate: 0, minimumBilling: 0, work: { tasks: 50, seconds: 50 } },
      plan: { launch: 0, because: "2 workers and no more: the rest is done in 25 s, before another has started" },
    },
  ],
  [
    "one comes for the smallest rest",
    { observed: { ...rented, work: { tasks: 1, seconds: 0.01 } }, plan: { launch: 1 } },
  ],
  [
    "of a stream nobody knows the rest",
    { observed: { ...rented, open: true, work: { tasks: 1, seconds: 1 } }, plan: { launch: 8 } },
  ],
  [
    "a deadline brings as many as keep it, whatever they are billed",
    { observed: { ...rented, work: { tasks: 200, seconds: 200 }, untilDeadline: 70_000 }, plan: { launch: 5 } },
  ],
  [
    "a deadline that is kept brings nobody",
    {
      observed: { ...rented, live: ["a", "b"], work: { tasks: 160, seconds: 160 }, untilDeadline: 81_000 },
      plan: { launch: 0 },
    },
  ],
  [
    "nor does one that nobody can keep",
    {
      observed: { ...rented, live: ["a", "b"], work: { tasks: 160, seconds: 160 }, untilDeadline: 20_000 },
      plan: { launch: 0 },
    },
  ],
])("what the rest repays: %s", holds);

test.each<[string, Case]>([
  [
    "as many as can be paid, those who run among them",
    {
      observed: { live: ["a"], affordable: 3 },
      plan: {
        launch: 2,
        wanted: 3,
        because: "2 more of 8 workers: 100 chunks are left; the money pays for 3, and 1 of them is there",
      },
    },
  ],
  [
    "nobody where it is used up, and who runs is left to the horizon",
    {
      observed: { live: ["a"], affordable: 0 },
      plan: { launch: 0, stop: [], because: "the money pays for none, and 1 is there" },
    },
  ],
])("money: %s", holds);

test.each<[string, Case]>([
  [
    "as many as the provider has room for",
    {
      observed: { capacity: 3 },
      plan: { launch: 3, wanted: 8, because: "3 of 8 workers: 100 chunks are left; the provider has room for 3" },
    },
  ],
  [
    "none where it has none, and it says what was refused",
    {
      observed: { capacity: 0, refused: { ...quota, wait: 0 } },
      plan: { launch: 0, because: "quota: 3 of 10 were refused, and no capacity is free" },
    },
  ],
  [
    "none where it has none from the beginning",
    { observed: { capacity: 0 }, plan: { launch: 0, because: "no capacity is free" } },
  ],
  [
    "a refusal is waited for",
    {
      observed: { refused: { ...quota, wait: 15_000 } },
      plan: { launch: 0, wanted: 8, again: 15_000, because: "quota: 3 of 10 were refused, again in 15 s" },
    },
  ],
  [
    "then one asks",
    {
      observed: { live: ["a"], refused: { ...quota, wait: 0 } },
      plan: { launch: 1, because: "1 more of 8 workers: 100 chunks are left; 1 to see whether there is room again" },
    },
  ],
  ["then twice as many", { observed: { live: ["a"], refused: { ...quota, wait: 0, probe: 4 } }, plan: { launch: 4 } }],
  [
    "what the provider says of its room counts for more",
    { observed: { capacity: 5, refused: { ...quota, wait: 0 } }, plan: { launch: 5 } },
  ],
  [
    "work that is done needs no wait",
    { observed: { chunks: 0, refused: { ...quota, wait: 9 } }, plan: { launch: 0, wanted: 0 } },
  ],
])("room: %s", holds);

test.each<[string, Case]>([
  [
    "launches of which nobody came are repeated ever more slowly, and it says when",
    {
      observed: { failures: 3, sinceLaunch: 400 },
      plan: { launch: 0, again: 600, because: "the last 3 launches failed" },
    },
  ],
  ["after its wait all are launched", { observed: { failures: 3, sinceLaunch: 1000 }, plan: { launch: 8 } }],
  ["and no wait is longer than a minute", { observed: { failures: 40, sinceLaunch: 60_000 }, plan: { launch: 8 } }],
])("failures: %s", holds);

function holds(_: string, { observed, policy, plan }: Case): void {
  expect(planFleet({ ...nobody, ...observed }, { ...wish, ...policy })).toMatchObject(plan);
}

const time = fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constant(0));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const observations: fc.Arbitrary<FleetObservation> = fc
  .record({
    chunks: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10_000 })),
    open: fc.boolean(),
    work: maybe(
      fc.record({
        tasks: fc.integer({ min: 1, max: 1_000_000 }),
        seconds: fc.double({ min: 0, max: 1e7, noNaN: true }),
      }),
    ),
    workers: fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.boolean()), {
      maxLength: 40,
      selector: ([id]) => id,
    }),
    slots: fc.integer({ min: 1, max: 64 }),
    startup: maybe(time),
    minimumBilling: maybe(time),
    rate: maybe(fc.constantFrom(0, 0.1, 10)),
    capacity: maybe(fc.integer({ min: 0, max: 50 })),
    refused: maybe(
      fc.record({
        kind: fc.constantFrom("quota" as const, "capacity" as const, "unavailable" as const),
        refused: fc.integer({ min: 1, max: 50 }),
        asked: fc.integer({ min: 50, max: 100 }),
        wait: time,
        probe: fc.integer({ min: 1, max: 64 }),
      }),
    ),
    affordable: maybe(fc.integer({ min: 0, max: 60 })),
    failures: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
    sinceLaunch: fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constant(Number.POSITIVE_INFINITY)),
    idle: maybe(fc.integer({ min: 0, max: 60 })),
    untilDeadline: maybe(fc.integer({ min: -10_000, max: 10_000_000 })),
  })
  .map(({ workers, ...rest }) => ({
    ...rest,
    live: workers.map(([id]) => id),
    pending: workers.flatMap(([id, pending]) => (pending ? [id] : [])),
  }));
const policies: fc.Arbitrary<FleetPolicy> = fc.record({
  workers: fc.integer({ min: 1, max: 50 }),
  maxWorkers: fc.integer({ min: 1, max: 50 }),
  mostPaid: maybe(fc.integer({ min: 0, max: 50 })),
});
const random = { numRuns: 10_000, seed: 6 };

test("of 10,000 random moments none has more workers than limits, quota or money allow, or a launch together with a stop", () => {
  fc.assert(
    fc.property(observations, policies, (observation, policy) => {
      const { launch, stop, wanted, because, again } = planFleet(observation, policy);
      const { live, capacity, refused, affordable } = observation;
      const limit = Math.min(policy.workers, policy.maxWorkers, policy.mostPaid ?? Number.POSITIVE_INFINITY);
      expect(Number.isInteger(launch) && launch >= 0).toBe(true);
      const most = Math.min(limit, affordable ?? limit, wanted);
      expect(launch === 0 || live.length + launch <= most).toBe(true);
      expect(launch).toBeLessThanOrEqual(capacity ?? refused?.probe ?? launch);
      expect(launch > 0 && ((refused?.wait ?? 0) > 0 || stop.length > 0)).toBe(false);
      expect(live.length - stop.length).toBeLessThanOrEqual(limit);
      expect(stop.every((id) => live.includes(id))).toBe(true);
      expect(wanted).toBeLessThanOrEqual(limit);
      expect(because).toMatch(/^[^;]+(; [^;]+)?$/);
      expect(because).not.toMatch(/NaN|Infinity|undefined/);
      expect(again ?? 1).toBeGreaterThan(0);
    }),
    random,
  );
});

test("in none of them there is nobody, while work and money remain and nothing has to be waited for", () => {
  fc.assert(
    fc.property(observations, policies, (observation, policy) => {
      const { launch, stop, again } = planFleet(observation, policy);
      const { chunks, live, capacity, affordable } = observation;
      const possible = chunks > 0 && capacity !== 0 && affordable !== 0 && policy.mostPaid !== 0;
      expect(live.length - stop.length + launch > 0 || again !== undefined || !possible).toBe(true);
    }),
    random,
  );
});

test("what is launched is enough: another look right after it asks for nothing more, unless there is more room", () => {
  fc.assert(
    fc.property(observations, policies, (observation, policy) => {
      const { launch, stop } = planFleet(observation, policy);
      const started = Array.from({ length: launch }, (_, n) => `new ${n}`);
      const live = [...observation.live.filter((id) => !stop.includes(id)), ...started];
      const capacity = observation.capacity === undefined ? undefined : observation.capacity - launch;
      const pending = [...(observation.pending ?? []).filter((id) => live.includes(id)), ...started];
      const next = planFleet({ ...observation, live, pending, capacity, refused: undefined }, policy);
      // Who waits for a launch that failed may find that its time has come; who asked for one may ask for two.
      const settled = (launch > 0 && observation.refused === undefined) || stop.length > 0;
      expect(settled && next.launch > 0).toBe(false);
      expect(next.stop).toEqual([]);
    }),
    random,
  );
});
