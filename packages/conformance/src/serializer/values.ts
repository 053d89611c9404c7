import assert from "node:assert/strict";
import type { KnownSerializerFacts, ValueKind } from "./facts.ts";
import { PLAIN, SAMPLES } from "./samples.ts";
import { carried, refusedAt, type SerializerTest } from "./stage.ts";

export function valueTests(test: SerializerTest, facts: KnownSerializerFacts): void {
  test("come back as they were: JSON", (stage) => {
    for (const value of PLAIN) assert.deepEqual(carried(stage, value), value);
    assert.equal(carried(stage, undefined), undefined);
  });

  for (const kind of Object.keys(SAMPLES) as ValueKind[]) {
    if (facts.kinds.includes(kind)) {
      test(`come back as they were: ${kind}`, (stage) => {
        for (const { value, check = equal(value) } of SAMPLES[kind]) {
          check(carried(stage, value));
          const outer = carried(stage, { outer: [1, value] });
          assert.ok(typeof outer === "object" && outer !== null && "outer" in outer && Array.isArray(outer.outer));
          check(outer.outer[1]);
        }
      });
    } else if (kind === "references") {
      test("are copied, as nothing else is stated: references", (stage) => {
        for (const { value } of SAMPLES[kind]) assert.deepEqual(carried(stage, value), value);
      });
    } else {
      test(`are refused, as nothing else is stated: ${kind}`, ({ serializer }) => {
        for (const { value } of SAMPLES[kind]) {
          refusedAt(serializer, value);
          refusedAt(serializer, { outer: [1, value] }, "outer");
        }
      });
    }
  }
}

function equal(value: unknown): (arrived: unknown) => void {
  return (arrived) => assert.deepEqual(arrived, value);
}
