import { serializer } from "@skyburst/core";
import { describe, expect, test } from "vitest";
import { runSuite, serializerSuite } from "../src/index.ts";
import { ALL, BROKEN } from "./broken-serializers.ts";

describe("the built-in serializer", () => {
  serializerSuite({ describe, test }, () => serializer, { kinds: ALL, referenced: false });
});

describe("a serializer with a fault fails the tests that name it, and no others:", () => {
  test.each(Object.entries(BROKEN))("%s", async (_, { fault, fails, facts }) => {
    const settled = { kinds: ALL, referenced: false, ...facts };
    const rows = await runSuite((registrar) =>
      serializerSuite(registrar, () => ({ ...serializer, ...fault }), settled),
    );
    const failed = rows.filter(({ passed }) => !passed).map(({ group, test }) => `${group}: ${test}`);
    expect(failed.toSorted()).toEqual(fails.toSorted());
  });
});
