import assert from "node:assert/strict";
import type { Backend, Remnant, TeardownRequest } from "@skyburst/core";
import { must } from "../expect.ts";
import type { BackendStage, BackendTest } from "./stage.ts";

export function teardownTests(test: BackendTest): void {
  test("removes workers that have ended, and tells of which session they were", async (stage) => {
    const backend = await stage.backend();
    await stage.ended(backend, { slots: [0], do: "exit" });
    await stage.ended(backend, { slots: [1], do: "exit" });
    const removed = await tornDown(stage, await stage.backend());
    assert.equal(removed.length, 2, `told of two workers: ${JSON.stringify(removed)}`);
    for (const { kind, name } of removed) assert.ok(kind !== "" && name !== "", "what it is, and its name");
    assert.deepEqual(await stage.list(await stage.backend()), []);
  });

  test("is idempotent", async (stage) => {
    const backend = await stage.backend();
    await stage.ended(backend, { slots: [0], do: "exit" });
    await tornDown(stage, backend);
    assert.deepEqual(await tornDown(stage, backend), [], "the second finds nothing more");
  });

  test("only tells what it would remove, where that is asked for", async (stage) => {
    const backend = await stage.backend();
    await stage.ended(backend, { slots: [0], do: "exit" });
    assert.equal((await tornDown(stage, backend, { dryRun: true })).length, 1);
    assert.equal((await stage.list(backend)).length, 1, "the worker is still known");
  });

  test("leaves workers alone that run", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    assert.deepEqual(await tornDown(stage, backend), []);
    await stage.runs(backend, [id]);
  });

  test("spares what has ended of sessions that are named", async (stage) => {
    const backend = await stage.backend();
    await stage.ended(backend, { slots: [0], do: "exit" });
    assert.deepEqual(await tornDown(stage, backend, { spare: [stage.sessionId] }), []);
    assert.equal((await stage.list(backend)).length, 1, "the worker is still known");
  });
}

/** What it tells of the stage's session. */
async function tornDown(stage: BackendStage, backend: Backend, request?: TeardownRequest): Promise<readonly Remnant[]> {
  const removed = await must(backend.teardown).call(backend, request);
  return removed.filter(({ sessionId }) => sessionId === stage.sessionId);
}
