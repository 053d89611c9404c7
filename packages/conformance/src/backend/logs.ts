import assert from "node:assert/strict";
import { must } from "../expect.ts";
import type { BackendTest } from "./stage.ts";

export function logTests(test: BackendTest): void {
  test("are what the worker printed to both of its outputs", async (stage) => {
    const backend = await stage.backend();
    const { id } = await stage.ended(backend, { slots: [0], do: "print", text: "äöü" });
    const lines = (await must(backend.logs).call(backend, id)).trimEnd().split("\n");
    assert.deepEqual(lines.toSorted(), ["ready", "slot 0", "text äöü", "to stderr", "variable undefined"]);
  });

  test("end with the newest", async (stage) => {
    const backend = await stage.backend();
    const { id } = await stage.ended(backend, { slots: [0], do: "flood" });
    const lines = (await must(backend.logs).call(backend, id)).trimEnd().split("\n");
    assert.deepEqual(lines.slice(-3), ["line 19998", "line 19999", "ready"]);
  });

  test("are of this worker only", async (stage) => {
    const backend = await stage.backend();
    const ids = await stage.ready(backend, { slots: [0, 1], do: "wait" });
    for (const [slot, id] of ids.entries()) {
      const output = await must(backend.logs).call(backend, id);
      assert.deepEqual(output.match(/slot \d/g), [`slot ${slot}`]);
    }
  });

  test("are empty of a worker that was never there", async (stage) => {
    const backend = await stage.backend();
    assert.equal(await must(backend.logs).call(backend, "../never-there"), "");
  });
}
