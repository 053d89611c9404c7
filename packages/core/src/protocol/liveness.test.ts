import { expect, test } from "vitest";
import { sight, silent } from "./liveness.ts";
import type { Sighting } from "./liveness.ts";

const ttl = 6000;

function looks(...all: readonly (readonly [newest: number, storeNow: number, monotonic: number])[]): Sighting {
  let seen: Sighting | undefined;
  for (const [newest, storeNow, monotonic] of all) seen = sight(seen, { newest, storeNow, monotonic, ttl });
  if (!seen) throw new Error("Nothing was looked at.");
  return seen;
}

test("one look is never enough, however old the newest fact is", () => {
  expect(silent(looks([0, 1_000_000, 5]), 5, ttl)).toBe(false);
});

test("two looks at a stale fact, a sixth of the TTL apart, are", () => {
  const seen = looks([0, 7000, 0], [0, 7900, 999]);
  expect(silent(seen, 999, ttl)).toBe(false);
  expect(silent(looks([0, 7000, 0], [0, 8000, 1000]), 1000, ttl)).toBe(true);
});

test("a new fact begins everything again", () => {
  expect(silent(looks([0, 7000, 0], [6900, 8000, 1000]), 1000, ttl)).toBe(false);
});

test("a store's clock that jumped ahead and back again condemns nobody", () => {
  expect(silent(looks([1000, 100_000, 0], [1000, 2000, 1000]), 1000, ttl)).toBe(false);
  expect(silent(looks([1000, 100_000, 0], [1000, 2000, 1000], [1000, 100_000, 1100]), 1100, ttl)).toBe(false);
});

test("a full TTL of our own time without a new fact is silence, whatever the store's clock says", () => {
  expect(silent(looks([0, 0, 0], [0, 0, 6000]), 6000, ttl)).toBe(false);
  expect(silent(looks([0, 0, 0], [0, 0, 6001]), 6001, ttl)).toBe(true);
});
