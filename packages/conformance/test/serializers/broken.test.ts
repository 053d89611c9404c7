import { serializer } from "@skyburst/core";
import { describe, expect, test } from "vitest";
import { runSuite, serializerSuite } from "../../src/index.ts";
import { DECODE } from "./decode.ts";
import { ALL } from "./fault.ts";
import { FORM } from "./form.ts";
import { HOSTILE } from "./hostile.ts";
import { REFERENCE } from "./reference.ts";
import { REFUSALS } from "./refusals.ts";
import { VALUES } from "./values.ts";

describe("the built-in serializer", () => {
  serializerSuite({ describe, test }, () => serializer, { kinds: ALL, referenced: false });
});

describe("a serializer with a fault fails the tests that name it, and no others:", () => {
  test.each(Object.entries({ ...DECODE, ...FORM, ...HOSTILE, ...REFERENCE, ...REFUSALS, ...VALUES }))(
    "%s",
    async (_, { fault, fails, facts }) => {
      const settled = { kinds: ALL, referenced: false, ...facts };
      const rows = await runSuite((registrar) =>
        serializerSuite(registrar, () => ({ ...serializer, ...fault }), settled),
      );
      const failed = rows.filter(({ passed }) => !passed).map(({ group, test }) => `${group}: ${test}`);
      expect(failed.toSorted()).toEqual(fails.toSorted());
    },
  );
});
