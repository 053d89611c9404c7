import { expect, test } from "vitest";
import { ReadAhead } from "./read-ahead.ts";
import { Scratch } from "./scratch.ts";

/** A store whose reads take so long each, on a clock of its own, and what it was asked for. */
function slowStore(milliseconds: number) {
  let now = 0;
  const asked: string[] = [];
  const fails = new Set<string>();
  const get = async (key: string) => {
    asked.push(key);
    const end = now + milliseconds;
    await Promise.resolve();
    now = Math.max(now, end);
    if (fails.has(key)) throw new Error(key);
    return new TextEncoder().encode(key);
  };
  return { asked, fails, ahead: new ReadAhead({ get }, { monotonic: () => now }) };
}

const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
const scratch = new Scratch();
const text = async (read: Promise<Uint8Array | undefined>) => new TextDecoder().decode(await read);

test("a quick store is asked for one object after the other", async () => {
  const { asked, ahead } = slowStore(0.1);
  ahead.plan(keys);
  for (const [n, key] of keys.entries()) {
    expect(await text(ahead.get(key, scratch))).toBe(key);
    expect(asked).toHaveLength(n + 1);
  }
});

test("a slow store is asked for eight objects ahead, and for each only once", async () => {
  const { asked, ahead } = slowStore(20);
  ahead.plan(keys);
  await ahead.get("k0", scratch);
  expect(asked).toEqual(["k0"]);
  expect(await text(ahead.get("k1", scratch))).toBe("k1");
  expect(asked).toEqual(keys.slice(0, 10));
  for (const key of keys.slice(2)) expect(await text(ahead.get(key, scratch))).toBe(key);
  expect(asked).toEqual(keys);
});

test("what nobody planned is read, too, and a new plan takes the place of the old one", async () => {
  const { asked, ahead } = slowStore(20);
  ahead.plan(["k0"]);
  await ahead.get("k0", scratch);
  expect(await text(ahead.get("other", scratch))).toBe("other");
  ahead.plan(["k1", "k2"]);
  ahead.plan(["k3"]);
  await ahead.get("another", scratch);
  expect(asked).toEqual(["k0", "other", "another", "k3"]);
});

test("a failure is told to who asks for that object, and to nobody else", async () => {
  const { fails, ahead } = slowStore(20);
  fails.add("k3");
  ahead.plan(keys);
  for (const key of ["k0", "k1", "k2"]) await ahead.get(key, scratch);
  await expect(ahead.get("k3", scratch)).rejects.toThrow("k3");
  expect(await text(ahead.get("k4", scratch))).toBe("k4");
});
