import fc from "fast-check";
import { expect, test } from "vitest";
import { condemned, isolated, leaseBody, parseLeaseBody, takeover } from "./lease.ts";
import type { Lease, Loss } from "./lease.ts";

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
  return deaths.reduce((lease, [loss, suspect], n) => takeover(lease, `owner ${n}`, loss, suspect), fresh);
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
  expect(condemned(lease, 2)).toBeUndefined();
});

test("two deaths isolate; a first crash condemns nothing", () => {
  expect(isolated(after(["crash", 1]))).toBe(false);
  expect(condemned(after(["crash", 1]), 1)).toBeUndefined();
  expect(isolated(after(["crash"], ["lost"]))).toBe(true);
});

test("the task that ran alone in two crashes, or in five losses, is condemned, and no other", () => {
  expect(condemned(after(["crash", 3], ["crash", 3]), 3)).toEqual({ crashes: 2, losses: 0 });
  expect(condemned(after(["crash", 3], ["crash", 2]), 3)).toBeUndefined();
  const silent = Array.from({ length: 5 }, () => ["lost", 1] as const);
  expect(condemned(after(...silent.slice(1)), 1)).toBeUndefined();
  expect(condemned(after(...silent), 1)).toEqual({ crashes: 0, losses: 5 });
  expect(condemned(after(...silent), 0)).toBeUndefined();
});

test("counts never shrink, and survive their body", () => {
  const deaths = fc.array(
    fc.tuple(
      fc.constantFrom<Loss[]>("crash", "lost", "left"),
      fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(deaths, (all) => {
      let before = fresh;
      for (const [loss, suspect] of all) {
        const lease = takeover(before, "next", loss, suspect);
        expect(lease.crashes + lease.losses).toBe(before.crashes + before.losses + (loss === "left" ? 0 : 1));
        expect(parseLeaseBody(leaseBody(lease))).toEqual(lease);
        before = lease;
      }
    }),
  );
});
