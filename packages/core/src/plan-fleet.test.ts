import fc from "fast-check";
import { expect, test } from "vitest";
import { planFleet } from "./plan-fleet.ts";
import type { FleetObservation, FleetPolicy } from "./plan-fleet.ts";

const idle: FleetObservation = {
  chunks: 100,
  open: false,
  live: [],
  slots: 2,
  failures: 0,
  sinceLaunch: Number.POSITIVE_INFINITY,
};
const policy: FleetPolicy = { workers: 4, maxWorkers: 10 };

const observations: fc.Arbitrary<FleetObservation> = fc.record({
  chunks: fc.integer({ min: 0, max: 10_000 }),
  open: fc.boolean(),
  live: fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }),
  slots: fc.integer({ min: 1, max: 64 }),
  capacity: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
  failures: fc.integer({ min: 0, max: 40 }),
  sinceLaunch: fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constant(Number.POSITIVE_INFINITY)),
  idle: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
});
const policies: fc.Arbitrary<FleetPolicy> = fc.record({
  workers: fc.integer({ min: 1, max: 50 }),
  maxWorkers: fc.integer({ min: 1, max: 50 }),
});

test("launches what the work can use, up to the wish, the ceiling and what is free", () => {
  expect(planFleet(idle, policy).launch).toBe(4);
  expect(planFleet({ ...idle, chunks: 3 }, policy).launch).toBe(2);
  expect(planFleet({ ...idle, live: ["a", "b", "c"] }, policy).launch).toBe(1);
  expect(planFleet({ ...idle, capacity: 1 }, policy).launch).toBe(1);
  expect(planFleet(idle, { workers: 40, maxWorkers: 3 }).launch).toBe(3);
});

test("nothing is launched for nothing, and everything for a stream of unknown length", () => {
  expect(planFleet({ ...idle, chunks: 0 }, policy)).toMatchObject({ launch: 0, stop: [] });
  expect(planFleet({ ...idle, chunks: 0, open: true }, policy).launch).toBe(4);
});

test("who left because nothing was to be leased is not replaced, but one is there as long as something is left", () => {
  expect(planFleet({ ...idle, live: ["a", "b"], idle: 2 }, policy).launch).toBe(0);
  expect(planFleet({ ...idle, live: ["a"], idle: 2 }, policy).launch).toBe(1);
  expect(planFleet({ ...idle, idle: 4 }, policy).launch).toBe(1);
  expect(planFleet({ ...idle, chunks: 0, open: true, idle: 4 }, policy).launch).toBe(0);
});

test("launches that failed are repeated ever more slowly, and it says when", () => {
  const waiting = planFleet({ ...idle, failures: 3, sinceLaunch: 400 }, policy);
  expect(waiting).toMatchObject({ launch: 0, again: 600 });
  expect(planFleet({ ...idle, failures: 3, sinceLaunch: 1000 }, policy).launch).toBe(4);
  expect(planFleet({ ...idle, failures: 40, sinceLaunch: 60_000 }, policy).launch).toBe(4);
});

test("never more workers than wanted, allowed or free, and never a launch together with a stop", () => {
  fc.assert(
    fc.property(observations, policies, (observation, wish) => {
      const { launch, stop, because, again } = planFleet(observation, wish);
      const limit = Math.min(wish.workers, wish.maxWorkers);
      expect(launch).toBeGreaterThanOrEqual(0);
      expect(launch === 0 || observation.live.length + launch <= limit).toBe(true);
      expect(launch).toBeLessThanOrEqual(observation.capacity ?? Number.POSITIVE_INFINITY);
      expect(observation.live.length - stop.length).toBeLessThanOrEqual(limit);
      expect(stop.every((id) => observation.live.includes(id))).toBe(true);
      expect(launch > 0 && stop.length > 0).toBe(false);
      expect(because).not.toBe("");
      expect(again ?? 1).toBeGreaterThan(0);
    }),
  );
});

test("what is launched is enough: another look right after it asks for nothing more", () => {
  fc.assert(
    fc.property(observations, policies, (observation, wish) => {
      const { launch, stop } = planFleet(observation, wish);
      const live = [
        ...observation.live.filter((id) => !stop.includes(id)),
        ...Array.from({ length: launch }, (_, n) => `new ${n}`),
      ];
      const capacity = observation.capacity === undefined ? undefined : observation.capacity - launch;
      const next = planFleet({ ...observation, live, capacity }, wish);
      // Who waits for a launch that failed may find that its time has come.
      const settled = launch > 0 || stop.length > 0;
      expect(settled && next.launch + next.stop.length > 0).toBe(false);
    }),
  );
});
