import { expect, test } from "vitest";
import { moreUntil, paidUntil, spentBy } from "./bill.ts";
import type { Bill } from "./bill.ts";

const bill: Bill = { now: 1000, rate: 2, minimum: 0, ended: 100, starts: [500, 900], besides: 10 };

test("what was spent is the time of all, those who live until then included", () => {
  expect(spentBy(bill, 1000)).toBe(10 + 2 * (100 + 500 + 100));
  expect(spentBy(bill, 1100, 1)).toBe(10 + 2 * (100 + 600 + 200 + 100));
});

test("a worker costs its shortest time, however short it lives", () => {
  const minimum = { ...bill, minimum: 300 };
  expect(spentBy(minimum, 1000)).toBe(10 + 2 * (100 + 500 + 300));
  expect(spentBy(minimum, 1000, 1)).toBe(10 + 2 * (100 + 500 + 300 + 300));
});

test("an amount that is used up by the shortest times pays until they end", () => {
  const rented: Bill = { now: 1000, rate: 1, minimum: 60, ended: 0, starts: [1000, 1000], besides: 0 };
  expect(paidUntil(rented, 120)).toBe(1060);
  expect(paidUntil(rented, 119)).toBe(Number.NEGATIVE_INFINITY);
  expect(paidUntil(rented, 140)).toBe(1070);
  // One has used up its shortest time, and the other has not.
  expect(paidUntil({ ...rented, starts: [900, 1000] }, 170)).toBe(1010);
});

test("where time costs nothing, money lasts for ever unless the rest has used it up", () => {
  expect(paidUntil({ ...bill, rate: 0 }, 11)).toBe(Number.POSITIVE_INFINITY);
  expect(paidUntil({ ...bill, rate: 0 }, 10)).toBe(Number.NEGATIVE_INFINITY);
  expect(moreUntil({ ...bill, rate: 0 }, 11, 2000)).toBe(Number.POSITIVE_INFINITY);
});

/** From a seed, so that a failure can be played again. */
function* bills(count: number): Generator<{ readonly bill: Bill; readonly amount: number }> {
  let state = 1;
  const upTo = (most: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return (state / 2_147_483_647) * most;
  };
  for (let n = 0; n < count; n++) {
    const starts = Array.from({ length: Math.floor(upTo(6)) }, () => 1000 - upTo(500));
    const minimum = upTo(2) < 1 ? 0 : upTo(300);
    yield {
      bill: { now: 1000, rate: 0.01 + upTo(3), minimum, ended: upTo(1000), starts, besides: upTo(50) },
      amount: upTo(6000),
    };
  }
}

test("until then no more than the amount is spent, and a moment later more; who is added is paid for as well", () => {
  for (const { bill: one, amount } of bills(2000)) {
    const more = one.starts.length === 0 ? 1 : 0;
    const until = paidUntil(one, amount, more);
    const reached = Number.isFinite(until) ? spentBy(one, until, more) : 0;
    expect(reached).toBeLessThanOrEqual(amount + 1e-6);
    expect(spentBy(one, Number.isFinite(until) ? until + 1 : one.now, more)).toBeGreaterThan(amount - 1e-6);
    const added = moreUntil(one, amount, 1500);
    expect(added === 0 ? 0 : spentBy(one, 1500, added)).toBeLessThanOrEqual(amount + 1e-6);
    expect(spentBy(one, 1500, added + 1)).toBeGreaterThan(amount - 1e-6);
  }
});
