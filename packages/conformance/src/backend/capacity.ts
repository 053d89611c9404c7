import assert from "node:assert/strict";
import { must } from "../expect.ts";
import type { KnownBackendFacts } from "./facts.ts";
import type { BackendTest } from "./stage.ts";

export function capacityTests(test: BackendTest, facts: KnownBackendFacts): void {
  if (facts.roles.includes("capacity")) {
    test("is a number of workers, up to the limit", async (stage) => {
      const backend = await stage.backend();
      const free = await must(backend.capacity).call(backend, {});
      assert.ok(free >= 0 && free <= backend.capabilities.maxWorkers, `${free}`);
    });
  }

  const { limited } = facts;
  if (limited === undefined) return;

  test("that is used up is a refusal of the slots beyond it", async (stage) => {
    const backend = stage.owned(await limited(2));
    assert.equal(backend.capabilities.maxWorkers, 2);
    const { started, refused } = await stage.launch(backend, { slots: [0, 1, 2], do: "wait" });
    assert.deepEqual(
      started.map(({ slot }) => slot),
      [0, 1],
    );
    assert.deepEqual(
      refused.map(({ slot, kind }) => ({ slot, kind })),
      [{ slot: 2, kind: "capacity" }],
    );
    assert.ok(must(refused[0]).message.length > 0);
  });

  test("is there again when a worker has ended", async (stage) => {
    const backend = stage.owned(await limited(1));
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    assert.equal((await stage.launch(backend, { slots: [1], do: "wait" })).started.length, 0);
    await backend.stop([id], { grace: 1 });
    await stage.exited(backend, id);
    assert.equal((await stage.launch(backend, { slots: [2], do: "wait" })).started.length, 1);
  });

  if (facts.roles.includes("capacity")) {
    test("falls and rises with the workers that run", async (stage) => {
      const backend = stage.owned(await limited(1));
      const free = () => must(backend.capacity).call(backend, {});
      assert.equal(await free(), 1);
      const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
      assert.equal(await free(), 0);
      await backend.stop([id], { grace: 1 });
      await stage.exited(backend, id);
      assert.equal(await free(), 1);
    });
  }
}
