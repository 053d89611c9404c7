import assert from "node:assert/strict";
import type { Encoded } from "@skyburst/core";
import type { KnownSerializerFacts } from "./facts.ts";
import { PLAIN, SAMPLES } from "./samples.ts";
import type { SerializerTest } from "./stage.ts";

export function formTests(test: SerializerTest, facts: KnownSerializerFacts): void {
  const rich = facts.kinds.flatMap((kind) => SAMPLES[kind].map(({ value }) => value));

  test("of plain JSON is that JSON, and nothing beside it", ({ serializer }) => {
    for (const value of PLAIN) {
      const { json, meta, attachments } = serializer.encode(value);
      assert.deepEqual({ meta, attachments }, { meta: undefined, attachments: undefined }, JSON.stringify(value));
      assert.deepEqual(JSON.parse(json), value);
    }
  });

  test("of undefined is no text at all", ({ serializer }) => {
    const { json, meta, attachments } = serializer.encode(undefined);
    assert.deepEqual({ json, meta, attachments }, { json: "", meta: undefined, attachments: undefined });
  });

  test("is text of one line, and JSON", ({ serializer }) => {
    for (const value of [...PLAIN, ...rich]) {
      const { json, meta } = serializer.encode(value);
      for (const text of [json, meta]) {
        if (text === undefined || text === "") continue;
        assert.ok(!/[\n\r]/.test(text), `More than one line: ${text}`);
        JSON.parse(text);
      }
    }
  });

  test("is bytes where bytes are attached", ({ serializer }) => {
    for (const value of [...PLAIN, ...rich]) {
      const { attachments, meta } = serializer.encode(value);
      for (const bytes of attachments ?? []) assert.ok(bytes instanceof Uint8Array);
      if (attachments !== undefined) assert.notEqual(meta, undefined, "meta refers to attachments by position");
    }
  });

  test("is the same for the same value", ({ serializer, other }) => {
    for (const value of [...PLAIN, ...rich]) {
      const first = comparable(serializer.encode(value));
      assert.deepEqual(comparable(serializer.encode(value)), first);
      assert.deepEqual(comparable(other.encode(value)), first);
    }
  });

  test("leaves the value as it was", ({ serializer }) => {
    const value = frozen({ list: [3, 1, 2], fields: { b: 1, a: [{}] }, text: "x" });
    const before = JSON.stringify(value);
    serializer.encode(value);
    assert.equal(JSON.stringify(value), before);
    // What is not frozen could be changed, and is not.
    const loose = { list: [3, 1, 2], fields: { b: 1, a: [{}] } };
    serializer.encode(loose);
    assert.equal(JSON.stringify(loose), '{"list":[3,1,2],"fields":{"b":1,"a":[{}]}}');
  });
}

function comparable({ json, meta, attachments }: Encoded): unknown {
  return { json, meta, attachments: attachments?.map((bytes) => Buffer.from(bytes).toString("hex")) };
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) frozen(inner as object);
  return Object.freeze(value);
}
