import assert from "node:assert/strict";
import type { WorkerExit } from "@skyburst/core";
import type { KnownBackendFacts } from "./facts.ts";
import type { BackendTest } from "./stage.ts";

export function exitTests(test: BackendTest, facts: KnownBackendFacts): void {
  test("with code 0 are done", async (stage) => {
    const { exit, startedAt, stoppedAt } = await stage.ended(await stage.backend(), {
      slots: [0],
      do: "exit",
      code: 0,
    });
    assert.deepEqual(reported(exit), { reason: "done", code: facts.exitCodes ? 0 : undefined });
    assert.ok((stoppedAt ?? Infinity) >= (startedAt ?? 0), "it stopped after it started");
  });

  test("with another code are errors", async (stage) => {
    const { exit } = await stage.ended(await stage.backend(), { slots: [0], do: "exit", code: 3 });
    assert.deepEqual(reported(exit), { reason: "error", code: facts.exitCodes ? 3 : undefined });
  });

  test("of a worker that was asked to end are stops", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    await backend.stop([id]);
    assert.equal((await stage.exited(backend, id)).exit?.reason, "stopped");
  });

  test("of a worker that was killed tell the signal, where that is stated", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "refuse-to-end" });
    await backend.stop([id], { grace: 1 });
    const { exit } = await stage.exited(backend, id);
    assert.equal(exit?.reason, "stopped");
    assert.equal(exit?.signal, facts.signals ? "SIGKILL" : undefined);
  });

  if (facts.exitReports === "anyone") {
    test("are told to anyone who lists", async (stage) => {
      const { id } = await stage.ended(await stage.backend(), { slots: [0], do: "exit", code: 3 });
      const seen = await stage.exited(await stage.backend(), id);
      assert.equal(seen.exit?.reason, "error");
    });
  } else {
    test("are not guessed at by who did not launch: gone, or lost", async (stage) => {
      const { id } = await stage.ended(await stage.backend(), { slots: [0], do: "exit", code: 3 });
      const seen = (await stage.list(await stage.backend())).find((worker) => worker.id === id);
      assert.ok(seen === undefined || seen.exit?.reason === "lost", JSON.stringify(seen));
    });
  }
}

function reported(exit: WorkerExit | undefined): Pick<WorkerExit, "reason" | "code"> {
  assert.ok(exit !== undefined);
  return { reason: exit.reason, code: exit.code };
}
