import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { SignalOption } from "@skyburst/core";
import { refused, thrownBy } from "../expect.ts";
import type { StoreTest } from "./stage.ts";

export function signalTests(test: StoreTest): void {
  test("that is aborted before a call stops it, and nothing happens", async ({ store }) => {
    await store.create("a/1", "one");
    const signal = AbortSignal.abort(new Error("enough"));
    await refused(() => store.create("a/2", "two", { signal }), "closed");
    await refused(() => store.get("a/1", { signal }), "closed");
    await refused(() => store.put("a/1", "three", { signal }), "closed");
    await refused(() => store.delete(["a/1"], { signal }), "closed");
    await refused(() => store.pages("a/", { signal }), "closed");
    assert.equal(await store.read("a/1"), "one");
    assert.deepEqual(await store.keys("a/"), ["a/1"]);
  });

  test("that is aborted between pages ends the listing", async ({ store }) => {
    await store.createAll(Array.from({ length: 1001 }, (_, at) => `many/${at}`));
    const stop = new AbortController();
    let pages = 0;
    await refused(async () => {
      for await (const page of store.list("many/", { signal: stop.signal })) {
        pages += page.entries.length > 0 ? 1 : 0;
        stop.abort();
      }
    }, "closed");
    assert.equal(pages, 1);
  });

  test("that is aborted during a create leaves it unknown, or done", async ({ store, other }) => {
    const stop = new AbortController();
    const error = thrownBy(async () =>
      assert.equal(await store.create("a/1", "one", { signal: stop.signal }), true, "created"),
    );
    stop.abort();
    const thrown = await error;
    if (thrown !== undefined) {
      const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
      assert.ok(code === "unknown" || code === "closed", `the code of ${inspect(thrown)}`);
      if (code === "closed") assert.equal(await other.get("a/1"), undefined, "closed says that nothing happened");
    }
    assert.equal(await other.create("a/1", "one"), true, "the same call again settles it");
  });

  test("that is aborted during another call ends it, or comes too late", async ({ store }) => {
    await store.createAll(["a/1", "a/3"]);
    const calls = [
      (options: SignalOption) => store.get("a/1", options),
      (options: SignalOption) => store.keys("a/", options),
      (options: SignalOption) => store.put("a/2", "two", options),
      (options: SignalOption) => store.delete(["a/3"], options),
    ];
    for (const call of calls) {
      const stop = new AbortController();
      const ended = thrownBy(() => call({ signal: stop.signal }));
      stop.abort();
      const thrown = await ended;
      if (thrown !== undefined) await refused(() => Promise.reject(thrown), "closed");
    }
    assert.equal(await store.read("a/1"), "a/1");
  });
}
