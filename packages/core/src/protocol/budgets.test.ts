import fc from "fast-check";
import { expect, test } from "vitest";
import { budgetOf, spend, spentOf } from "./budgets.ts";
import type { Fault } from "./budgets.ts";
import type { Item } from "./items.ts";

const faults: readonly Fault[] = ["user", "timeout", "oom", "lost", "infrastructure"];

/** How many failures the item of offset 0 survives. */
function survived(failures: readonly Fault[], options: Parameters<typeof budgetOf>[0]): Item[] {
  const items: Item[] = [{ offset: 0, attempt: 1 }];
  for (const blame of failures) {
    const item = items.at(-1) ?? { offset: 0, attempt: 1 };
    const spent = spend(item, blame, options);
    if (!spent) break;
    items.push({ offset: 0, attempt: item.attempt + 1, blame, ...spent });
  }
  return items;
}

test.each<readonly [Fault, number]>([
  ["user", 2],
  ["timeout", 2],
  ["oom", 2],
  ["infrastructure", 3],
  ["lost", 4],
])("a number is the budget of the task's own failures: of %s there are %i further attempts", (blame, budget) => {
  expect(budgetOf({ retries: 2 }, blame)).toBe(budget);
  expect(budgetOf({ retries: 2, budgets: { [blame]: 0 } }, blame)).toBe(0);
});

test("each failure counts against the budget of its blame only", () => {
  const options = { retries: 0, budgets: { user: 1, timeout: 2, infrastructure: 1 } };
  expect(survived(["timeout", "user", "infrastructure", "timeout"], options)).toHaveLength(5);
  expect(survived(["timeout", "user", "user"], options)).toHaveLength(3);
  expect(survived(["oom"], options)).toHaveLength(1);
});

test("failures of one kind say nothing but their number, which is that of the attempt", () => {
  const items = survived(["user", "user", "timeout"], { retries: 2 });
  expect(items.map(({ spent }) => spent)).toEqual([undefined, undefined, undefined, { user: 2, timeout: 1 }]);
  expect(items.map(spentOf)).toEqual([{}, { user: 1 }, { user: 2 }, { user: 2, timeout: 1 }]);
});

test("an item of a session that knew no budgets has failed as it says", () => {
  expect(spentOf({ offset: 0, attempt: 3, blame: "timeout" })).toEqual({ timeout: 2 });
  expect(spentOf({ offset: 0, attempt: 3 })).toEqual({ user: 2 });
});

test("whatever fails, no task runs more often than its budgets and keys allow, and none is forgotten", () => {
  const budget = fc.integer({ min: 0, max: 98 });
  const budgets = fc.record({ user: budget, timeout: budget, oom: budget, lost: budget, infrastructure: budget });
  const failures = fc.array(fc.constantFrom(...faults), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(budgets, failures, (options, all) => {
      const last = survived(all, { retries: 0, budgets: options }).at(-1);
      const spent = last ? spentOf(last) : {};
      for (const blame of faults) expect(spent[blame] ?? 0).toBeLessThanOrEqual(options[blame]);
      expect(faults.reduce((sum, blame) => sum + (spent[blame] ?? 0), 0)).toBe((last?.attempt ?? 0) - 1);
      expect(last?.attempt).toBeLessThanOrEqual(99);
    }),
  );
});
