import fc from "fast-check";
import { SuperJSON } from "superjson";
import { expect, test } from "vitest";
import { serializer } from "../../src/serializer/index.ts";
import { common } from "./values.ts";

// Only the JSON is compared: values that superjson reads back lose order, or entries, where NaN or an object is in two places.
test("what superjson has too looks the same as JSON", () => {
  fc.assert(
    fc.property(common, (value) => {
      expect(JSON.parse(serializer.encode({ value }).json)).toEqual(SuperJSON.serialize({ value }).json);
    }),
    { numRuns: 500 },
  );
});
