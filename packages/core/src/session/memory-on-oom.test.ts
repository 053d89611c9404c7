import { expect, test } from "vitest";
import type { BackendCapabilities } from "../backend.ts";
import { checkMemoryOnOom, limitedBy } from "./memory-on-oom.ts";

const capabilities: BackendCapabilities = {
  spec: ["slots", "memory"],
  maxWorkers: 10,
  slots: 1,
  token: true,
  sharesFileSystem: false,
  spot: false,
};

test("is taken where a worker's memory is known, by the spec or by the backend", () => {
  expect(checkMemoryOnOom(undefined, { name: "b", capabilities: { ...capabilities, spec: [] } })).toBeUndefined();
  expect(checkMemoryOnOom(2, { name: "b", capabilities }, { memory: 64 })).toBeUndefined();
  expect(checkMemoryOnOom(1.5, { name: "b", capabilities: { ...capabilities, memory: 64 } })).toBeUndefined();
});

test.each([
  [1, capabilities, /memoryOnOom is 1; it has to be a number above 1/],
  [Number.NaN, capabilities, /memoryOnOom is NaN/],
  [101, capabilities, /of at most 100/],
  [2, { ...capabilities, spec: ["slots"] as const }, /workers of the b backend can't be given memory/],
  [2, capabilities, /nothing says what a worker has: give `memory` in the spec, or to the b backend/],
])("%d is refused by name", (factor, can, message) => {
  expect(() => checkMemoryOnOom(factor, { name: "b", capabilities: can }, {})).toThrow(message);
});

test("the largest worker is the backend's, where it says it", async () => {
  expect(await limitedBy({ factor: 2 }, {})).toEqual({ factor: 2 });
  expect(await limitedBy({ factor: 2 }, { largest: async () => ({ cpu: 4 }) })).toEqual({ factor: 2 });
  const largest = async () => ({ memory: 1024 });
  expect(await limitedBy({ factor: 2 }, { largest })).toEqual({ factor: 2, most: 1024 });
});
