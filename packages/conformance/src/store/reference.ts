import assert from "node:assert/strict";
import type { JsonObject, StateStore } from "@skyburst/core";
import { refused } from "../expect.ts";
import { exportedOpen } from "../exported-open.ts";
import type { KnownFacts } from "./facts.ts";
import { Place } from "./place.ts";
import type { StoreTest } from "./stage.ts";

export function referenceTests(test: StoreTest): void {
  test("is JSON", async ({ store }) => {
    const { module, options } = store.raw.reference;
    assert.equal(typeof module, "string");
    assert.deepEqual(JSON.parse(JSON.stringify({ module, options })), { module, options });
  });

  test("names a module that is the same one everywhere", async ({ store }) => {
    const { module } = store.raw.reference;
    assert.ok(module.length > 0 && !/^\.|^\//.test(module), `${module} is neither a package nor a URL`);
  });

  test("holds no secrets", async ({ store, facts }) => {
    const text = JSON.stringify(store.raw.reference);
    for (const secret of facts.secrets) assert.ok(!text.includes(secret), "A secret stands in the reference.");
  });

  test("opens the same store again", async ({ store, facts }) => {
    await store.create("a/1", "one");
    const raw = await reopened(store.raw, facts);
    try {
      const again = new Place(raw, store.root);
      assert.equal(await again.read("a/1"), "one");
      assert.equal(await again.create("a/1", "two"), false);
      assert.equal(await again.create("a/2", "two"), true);
      assert.equal(await store.read("a/2"), "two");
      assert.deepEqual(raw.reference, store.raw.reference);
    } finally {
      await raw.close?.();
    }
  });

  test("with an option that there is not is refused", async ({ store, facts }) => {
    await refused(async () => {
      const raw = await reopened(store.raw, facts, { "no-such-option": 1 });
      await raw.get(`${store.root}a/1`).finally(() => raw.close?.());
    }, "option");
  });

  test("comes with a rhythm that can be kept", async ({ store }) => {
    const { ttl, commitInterval, poll, chunksPerSlot } = store.raw.pace;
    assert.ok(ttl >= 1000, `pace.ttl is ${ttl}; at least 1,000 ms`);
    assert.ok(commitInterval > 0 && commitInterval < ttl, `pace.commitInterval is ${commitInterval}; less than ttl`);
    assert.ok(poll[0] > 0 && poll[0] <= poll[1], `pace.poll is ${poll.join(", ")}; the shortest wait first`);
    assert.ok(poll[1] < ttl || poll[1] <= 30_000, `pace.poll is ${poll.join(", ")}; the longest at most 30 s`);
    assert.ok(Number.isInteger(chunksPerSlot) && chunksPerSlot > 0, `pace.chunksPerSlot is ${chunksPerSlot}`);
  });

  test("comes with a worker program in a file, or with none", async ({ store }) => {
    const { program } = store.raw;
    assert.ok(program === undefined || (program instanceof URL && program.protocol === "file:"), String(program));
  });
}

/** What a worker elsewhere opens, by the options as they arrive there. */
async function reopened({ reference }: StateStore, { open }: KnownFacts, more: JsonObject = {}): Promise<StateStore> {
  const options = JSON.parse(JSON.stringify({ ...reference.options, ...more })) as JsonObject;
  return (await (open ?? (await exportedOpen(reference.module)))(options)) as StateStore;
}
