import { expect, test } from "vitest";
import { retryBudgets } from "./retries.ts";

test.each([
  [0, { retries: 0 }],
  [2, { retries: 2 }],
  [{}, { retries: 0 }],
  [{ user: undefined }, { retries: 0 }],
  [
    { user: 1, lost: 0 },
    { retries: 0, budgets: { user: 1, lost: 0 } },
  ],
  [
    { timeout: 98, oom: 2, infrastructure: 5 },
    { retries: 0, budgets: { timeout: 98, oom: 2, infrastructure: 5 } },
  ],
])("%o", (retries, expected) => {
  expect(retryBudgets(retries)).toEqual(expected);
});

test.each([
  [undefined, { retries: 0, budgets: { oom: 1 } }],
  [{ user: 2 }, { retries: 0, budgets: { user: 2, oom: 1 } }],
  [{ oom: 3 }, { retries: 0, budgets: { oom: 3 } }],
  [{ oom: 0 }, { retries: 0, budgets: { oom: 0 } }],
  [0, { retries: 0 }],
  [2, { retries: 2 }],
])("%o, where who runs out of memory gets more of it", (retries, expected) => {
  expect(retryBudgets(retries, true)).toEqual(expected);
});

test.each([
  [-1, "retries is -1"],
  [1.5, "retries is 1.5"],
  [99, "from 0 to 98"],
  [null, "retries is null"],
  [{ user: -1 }, "retries.user is -1"],
  [{ oom: 99 }, "retries.oom is 99"],
  [{ timeout: "3" }, "retries.timeout is 3"],
  [{ spot: 3 }, "a spot loss never counts"],
  [{ users: 1 }, "There is no retries.users"],
])("%o is refused by name", (retries: unknown, message) => {
  expect(() => retryBudgets(retries as number)).toThrow(message);
});
