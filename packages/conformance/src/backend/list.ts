import assert from "node:assert/strict";
import type { BackendTest } from "./stage.ts";

export function listTests(test: BackendTest): void {
  test("knows launch, slot and state of each worker that was started", async (stage) => {
    const backend = await stage.backend();
    const ids = await stage.ready(backend, { slots: [0, 2], do: "wait", launch: 7 });
    const [other] = await stage.ready(backend, { slots: [1], do: "wait", launch: 8 });
    const told = (await stage.list(backend)).map(({ id, launch, slot, state }) => ({ id, launch, slot, state }));
    assert.deepEqual(
      told.toSorted((a, b) => a.slot - b.slot),
      [
        { id: ids[0], launch: 7, slot: 0, state: "running" },
        { id: other, launch: 8, slot: 1, state: "running" },
        { id: ids[1], launch: 7, slot: 2, state: "running" },
      ],
    );
  });

  test("finds workers that another process launched", async (stage) => {
    const ids = await stage.ready(await stage.backend(), { slots: [0, 1], do: "wait" });
    await stage.runs(await stage.backend(), ids);
  });

  test("shows no workers of other sessions", async (stage) => {
    const backend = await stage.backend();
    await stage.ready(backend, { slots: [0], do: "wait" });
    for (const session of [`${stage.sessionId}0`, stage.sessionId.slice(0, -1), `other-${stage.sessionId}`]) {
      assert.deepEqual(await backend.list(session), [], session);
      assert.deepEqual(await (await stage.backend()).list(session), [], session);
    }
  });

  test("tells times in milliseconds, on a clock that is about right", async (stage) => {
    const backend = await stage.backend();
    await stage.ready(backend, { slots: [0], do: "wait" });
    for (const { startedAt } of await stage.list(backend)) {
      if (startedAt !== undefined) assert.ok(Math.abs(startedAt - Date.now()) < HOUR, `startedAt ${startedAt}`);
    }
  });
}

const HOUR = 3_600_000;
