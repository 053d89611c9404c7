import { expect, test } from "vitest";
import type { Item, Items } from "./items.ts";
import { takeover } from "./lease.ts";
import type { Lease, Loss } from "./lease.ts";
import { grown } from "./budgets.ts";
import { neededMemory } from "./needed-memory.ts";

const options = { retries: 0, budgets: { oom: 3 }, memoryOnOom: { factor: 2, most: 300 } };
const item: Item = { offset: 1, attempt: 2, blame: "oom", memory: 128 };

function lease(items: Items, more: Partial<Lease> = {}): Lease {
  const counts = { grant: 0, crashes: 2, losses: 0 };
  return { v: 1, owner: "a", memory: 64, epoch: 1, items, cut: [1], because: "new", ...counts, ...more };
}

/** After owners of 64 bytes that died while offset 1 was running alone, or nothing was. */
function after(items: Items, ...deaths: readonly (readonly [Loss, number?])[]): Lease {
  return deaths.reduce(
    (before, [loss, suspect]) => takeover(before, { owner: "b", memory: 64 }, loss, suspect, options.memoryOnOom),
    lease(items),
  );
}

test.each([
  [64, { factor: 2 }, 128],
  [64, { factor: 1.5, most: 300 }, 96],
  [200, { factor: 2, most: 300 }, 300],
  // Nobody has more: nobody can run it.
  [300, { factor: 2, most: 300 }, 600],
  [100, { factor: 1.001 }, 101],
])("after %d bytes, of growth %o, come %d", (memory, growth, more) => {
  expect(grown(memory, growth)).toBe(more);
});

test("a turn needs what its most demanding item does, and nothing where nobody asked for more", () => {
  expect(neededMemory(lease(5), options)).toBe(0);
  expect(neededMemory(lease([{ offset: 0, attempt: 1 }, item]), options)).toBe(128);
  expect(neededMemory(lease([item, { ...item, offset: 2, memory: 256 }]), options)).toBe(256);
  expect(neededMemory(lease([item]), { retries: 0 })).toBe(0);
});

test("what was running alone when its worker died for want of memory needs more, and nothing else does", () => {
  expect(neededMemory(after(5, ["oom", 1]), options)).toBe(128);
  expect(neededMemory(after(5, ["oom"]), options)).toBe(0);
  expect(neededMemory(after(5, ["crash", 1]), options)).toBe(0);
  expect(neededMemory(after(5, ["lost", 1]), options)).toBe(0);
  expect(neededMemory(after([{ offset: 1, attempt: 1 }], ["oom", 1]), options)).toBe(128);
  // It has its outcome.
  expect(neededMemory(after([{ offset: 2, attempt: 1 }], ["oom", 1]), options)).toBe(0);
});

test("whose worker has no limit of memory says nothing of what would be enough", () => {
  const unlimited = takeover(lease(5), { owner: "b" }, "left", undefined, options.memoryOnOom);
  expect(unlimited).not.toHaveProperty("memory");
  const dead = takeover(unlimited, { owner: "c", memory: 64 }, "oom", 1, options.memoryOnOom);
  expect(dead).toMatchObject({ memory: 64, suspects: { 1: { ooms: 1 } } });
  expect(neededMemory(dead, options)).toBe(0);
});

test("what is condemned needs nothing, and nobody needs more than there is", () => {
  const spent = { ...options, budgets: { oom: 1 } };
  expect(neededMemory(after(5, ["oom", 1], ["oom", 1]), options)).toBe(128);
  expect(neededMemory(after(5, ["oom", 1], ["oom", 1]), spent)).toBe(0);
  const onLargest = lease(5, { memory: 300, suspects: { 1: { crashes: 1, losses: 0, ooms: 1, memory: 256 } } });
  const over = takeover(onLargest, { owner: "b", memory: 64 }, "oom", 1, options.memoryOnOom);
  expect(over.suspects).toEqual({ 1: { crashes: 2, losses: 0, ooms: 2, memory: 600 } });
  expect(neededMemory(over, options)).toBe(0);
  // One death alone proves nothing: it runs once more, where it ran.
  const once = takeover(lease(5, { memory: 300 }), { owner: "b", memory: 64 }, "oom", 1, options.memoryOnOom);
  expect(neededMemory(once, options)).toBe(300);
});
