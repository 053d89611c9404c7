import { expect, test } from "vitest";
import { InGroups } from "./in-groups.ts";

function recorded(size: number) {
  const begun: number[] = [];
  const read = (item: number) => {
    begun.push(item);
    return item === 13 ? Promise.reject(new Error("no 13")) : Promise.resolve(item * 2);
  };
  return { begun, groups: new InGroups([10, 11, 12, 13, 14], size, read) };
}

test("asked for one, it reads those behind it as well, each once", async () => {
  const { begun, groups } = recorded(3);
  expect(await groups.get(10)).toBe(20);
  expect(begun).toEqual([10, 11, 12]);
  expect(await groups.get(12)).toBe(24);
  expect(begun).toEqual([10, 11, 12]);
  expect(await groups.get(14)).toBe(28);
  expect(begun).toEqual([10, 11, 12, 14]);
});

test("a read that fails is told to who asks for it, and to nobody else", async () => {
  const { groups } = recorded(5);
  expect(await groups.get(10)).toBe(20);
  await expect(groups.get(13)).rejects.toThrow("no 13");
});
