import { expect, test } from "vitest";
import { storeId } from "./store-id.ts";

test("is the same for all who open a store the same way, and another for another store", () => {
  const one = storeId({ module: "@skyburst/state-s3", options: { bucket: "b", prefix: "a" } });
  expect(one).toMatch(/^[0-9a-f]{16}$/);
  expect(storeId({ module: "@skyburst/state-s3", options: { bucket: "b", prefix: "a" } })).toBe(one);
  expect(storeId({ module: "@skyburst/state-s3", options: { bucket: "b", prefix: "c" } })).not.toBe(one);
});
