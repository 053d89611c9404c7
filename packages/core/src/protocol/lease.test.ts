import fc from "fast-check";
import { expect, test } from "vitest";
import { condemned, isolated, leaseBody, parseLeaseBody, takeover } from "./lease.ts";
import type { BudgetOptions } from "./budgets.ts";
import type { Lease, Loss, Verdict } from "./lease.ts";

const fresh: Lease = {
  v: 1,
  owner: "a",
  epoch: 1,
  items: 4,
  cut: [1, 2],
  grant: 0,
  because: "new",
  crashes: 0,
  losses: 0,
};

function after(...deaths: readonly (readonly [Loss, number?])[]): Lease {
  return deaths.reduce((lease, [loss, suspect], n) => takeover(lease, { owner: `owner ${n}` }, loss, suspect), fresh);
}

function times(count: number, loss: Loss): readonly (readonly [Loss, number])[] {
  return Array.from({ length: count }, () => [loss, 1] as const);
}

/** What is said of the task at this offset. */
function judged(lease: Lease, offset: number, options: BudgetOptions = { retries: 0 }): Verdict | undefined {
  return condemned(lease, { offset, attempt: 1 }, options);
}

test("a takeover copies what epoch 1 fixed, and counts the death", () => {
  expect(after(["crash"], ["lost"], ["left"])).toMatchObject({
    epoch: 4,
    items: 4,
    cut: [1, 2],
    grant: 0,
    crashes: 1,
    losses: 1,
    because: "left",
    owner: "owner 2",
  });
  expect(fresh).toMatchObject({ crashes: 0, epoch: 1 });
});

test("who left, by spot notice or by SIGTERM, is no death", () => {
  const lease = after(["left", 2], ["left", 2], ["left", 2], ["left", 2], ["left", 2], ["left", 2]);
  expect(isolated(lease)).toBe(false);
  expect(judged(lease, 2)).toBeUndefined();
});

test("two deaths isolate; a first crash condemns nothing", () => {
  expect(isolated(after(["crash", 1]))).toBe(false);
  expect(judged(after(["crash", 1]), 1)).toBeUndefined();
  expect(judged(after(["oom", 1]), 1)).toBeUndefined();
  expect(isolated(after(["crash"], ["lost"]))).toBe(true);
});

test("the task that ran alone in two crashes, or in five losses, is condemned, and no other", () => {
  expect(judged(after(["crash", 3], ["crash", 3]), 3)).toEqual({ blame: "user", deaths: 2 });
  expect(judged(after(["crash", 3], ["crash", 2]), 3)).toBeUndefined();
  expect(judged(after(...times(4, "lost")), 1)).toBeUndefined();
  expect(judged(after(...times(5, "lost")), 1)).toEqual({ blame: "lost", deaths: 5 });
  expect(judged(after(...times(5, "lost")), 0)).toBeUndefined();
});

test("whose workers died for want of memory is blamed for that", () => {
  expect(after(["oom", 1], ["crash", 1]).suspects).toEqual({ 1: { crashes: 2, losses: 0, ooms: 1 } });
  expect(judged(after(["oom", 1], ["oom", 1]), 1)).toEqual({ blame: "oom", deaths: 2 });
  expect(judged(after(["oom", 1], ["crash", 1]), 1)).toEqual({ blame: "oom", deaths: 2 });
});

test("a task's budgets are for deaths alone as well, of their own blame, and never prove anything by one crash", () => {
  const options = { retries: 0, budgets: { user: 3, lost: 1 } };
  expect(judged(after(...times(3, "crash")), 1, options)).toBeUndefined();
  expect(judged(after(...times(4, "crash")), 1, options)).toEqual({ blame: "user", deaths: 4 });
  expect(judged(after(...times(2, "oom")), 1, options)).toEqual({ blame: "oom", deaths: 2 });
  expect(judged(after(...times(2, "lost")), 1, options)).toEqual({ blame: "lost", deaths: 2 });
  const failedBefore = { offset: 1, attempt: 3, blame: "user" } as const;
  expect(condemned(after(...times(2, "crash")), failedBefore, options)).toEqual({ blame: "user", deaths: 2 });
  expect(condemned(after(...times(1, "crash")), { ...failedBefore, attempt: 4 }, options)).toBeUndefined();
});

test("counts never shrink, and survive their body", () => {
  const deaths = fc.array(
    fc.tuple(
      fc.constantFrom<Loss[]>("crash", "oom", "lost", "left"),
      fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(deaths, (all) => {
      let before = fresh;
      for (const [loss, suspect] of all) {
        const lease = takeover(before, { owner: "next" }, loss, suspect);
        expect(lease.crashes + lease.losses).toBe(before.crashes + before.losses + (loss === "left" ? 0 : 1));
        expect(parseLeaseBody(leaseBody(lease))).toEqual(lease);
        before = lease;
      }
    }),
  );
});
