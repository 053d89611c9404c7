import { describe, expect, test } from "vitest";
import { runSuite, storeSuite } from "../../src/index.ts";
import { CLOCK } from "./clock.ts";
import { CREATE } from "./create.ts";
import { END } from "./end.ts";
import { broken, reopened } from "./fault.ts";
import { GET } from "./get.ts";
import { LIST } from "./list.ts";
import { ORDER } from "./order.ts";
import { REFERENCE } from "./reference.ts";
import { WRITE } from "./write.ts";
import { memory, open } from "./memory-store.ts";

test("a right store passes", async () => {
  const rows = await runSuite((registrar) =>
    storeSuite(registrar, () => memory("right"), { modifiedResolution: 10, open }),
  );
  expect(rows.filter(({ passed }) => !passed)).toEqual([]);
  expect(rows.length).toBeGreaterThan(60);
});

describe("a store with a fault fails the tests that name it, and no others:", () => {
  test.each(Object.entries({ ...CLOCK, ...CREATE, ...END, ...GET, ...LIST, ...ORDER, ...REFERENCE, ...WRITE }))(
    "%s",
    async (name, { fault, fails, facts }) => {
      const settled = { modifiedResolution: 10, largestBody: 1_000_000, open: reopened(fault), ...facts };
      const rows = await runSuite((registrar) => storeSuite(registrar, () => broken(name, fault), settled));
      const failed = rows.filter(({ passed }) => !passed).map(({ group, test }) => `${group}: ${test}`);
      expect(failed.toSorted()).toEqual(fails.toSorted());
    },
  );
});
