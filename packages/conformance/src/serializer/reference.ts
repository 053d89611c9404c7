import assert from "node:assert/strict";
import type { JsonObject, Serializer } from "@skyburst/core";
import { must } from "../expect.ts";
import { exportedOpen } from "../exported-open.ts";
import type { KnownSerializerFacts } from "./facts.ts";
import { PLAIN, SAMPLES } from "./samples.ts";
import { arrived, isPlain, type SerializerTest } from "./stage.ts";

export function referenceTests(test: SerializerTest, facts: KnownSerializerFacts): void {
  if (!facts.referenced) {
    test("is not there, as is stated", ({ serializer }) => assert.equal(serializer.reference, undefined));
    return;
  }

  test("is JSON, and names a module that is the same one everywhere", ({ serializer }) => {
    const { module, options } = must(serializer.reference, "reference");
    assert.ok(typeof module === "string" && !/^\.|^\/|^$/.test(module), `${module} is neither a package nor a URL`);
    assert.deepEqual(JSON.parse(JSON.stringify({ module, options })), { module, options });
  });

  test("opens the same serializer again", async ({ serializer }) => {
    const { module, options } = must(serializer.reference, "reference");
    const open = facts.open ?? (await exportedOpen(module));
    const again = (await open(JSON.parse(JSON.stringify(options)) as JsonObject)) as Serializer;
    assert.deepEqual(again.reference, serializer.reference);
    for (const value of [...PLAIN, ...facts.kinds.flatMap((kind) => SAMPLES[kind].map((one) => one.value))]) {
      const received = arrived(serializer.encode({ value }));
      if (!isPlain(received)) again.decode(received);
      assert.equal(again.encode({ value }).json, serializer.encode({ value }).json);
    }
  });
}
