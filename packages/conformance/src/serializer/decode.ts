import assert from "node:assert/strict";
import { Shared } from "@skyburst/core";
import type { KnownSerializerFacts } from "./facts.ts";
import { isHandle, SAMPLES } from "./samples.ts";
import { arrived, isPlain, malformed, type SerializerTest } from "./stage.ts";

export function decodeTests(test: SerializerTest, facts: KnownSerializerFacts): void {
  test("refuses a meta that encode never makes", ({ other }) => {
    for (const meta of [42, "text", [], {}, { "no such": "meta" }, [null]]) {
      malformed(other, { value: { a: [1] }, meta }, `the meta ${JSON.stringify(meta)}`);
    }
  });

  test("is given what encode made, and gives no two values one object", ({ serializer, other }) => {
    for (const { value } of facts.kinds.flatMap((kind) => SAMPLES[kind])) {
      const encoded = serializer.encode({ value });
      if (isPlain(arrived(encoded))) continue;
      const [first, second] = [other.decode(arrived(encoded)), other.decode(arrived(encoded))];
      assert.notEqual(first, second);
    }
  });

  if (facts.kinds.includes("bytes")) {
    test("copies attachments", ({ serializer, other }) => {
      const received = arrived(serializer.encode({ bytes: Uint8Array.from([1, 2, 3]) }));
      const value = other.decode(received);
      for (const bytes of received.attachments ?? []) bytes.fill(9);
      assert.deepEqual(value, { bytes: Uint8Array.from([1, 2, 3]) });
    });

    test("refuses attachments that are missing", ({ serializer, other }) => {
      const encoded = serializer.encode({ bytes: Uint8Array.from([1, 2, 3]) });
      if (encoded.attachments === undefined) return;
      malformed(other, { ...arrived(encoded), attachments: [] }, "no attachments");
      malformed(other, { ...arrived(encoded), attachments: undefined }, "attachments that are undefined");
    });
  }

  if (facts.kinds.includes("Shared")) {
    test("puts shared values in place of their handles, where they are given", ({ serializer, other }) => {
      const received = () => arrived(serializer.encode([new Shared("cd".repeat(32), 9), 1]));
      const table = { rows: [1, 2] };
      const value = other.decode(received(), { shared: (sha256) => (sha256 === "cd".repeat(32) ? table : undefined) });
      assert.deepEqual(value, [table, 1]);
      const without = other.decode(received());
      isHandle(Array.isArray(without) && without[0], "cd".repeat(32), 9);
    });

    test("is preceded by a meta that lists shared values", ({ serializer }) => {
      const { meta } = arrived(serializer.encode([new Shared("cd".repeat(32), 9)]));
      assert.ok(typeof meta === "object" && meta !== null && "shared" in meta);
      assert.deepEqual(meta.shared, [["cd".repeat(32), 9]]);
    });
  }
}
