import assert from "node:assert/strict";
import { must } from "../expect.ts";
import type { BackendTest } from "./stage.ts";

export function stopTests(test: BackendTest): void {
  test("asks a worker to end, which it may do in its own way", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    await backend.stop([id]);
    const { exit } = await stage.exited(backend, id);
    if (backend.logs !== undefined && exit?.code !== undefined) assert.equal(exit.code, 0);
    assert.equal(exit?.signal, undefined, "it ended by itself when it was asked to");
  });

  test("kills what has not ended after the grace time", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "refuse-to-end" });
    await backend.stop([id], { grace: 1 });
    await stage.gone(backend, id);
  });

  test("ends what another process launched", async (stage) => {
    const backend = await stage.backend();
    const [polite] = await stage.ready(backend, { slots: [0], do: "wait" });
    const [stubborn] = await stage.ready(backend, { slots: [1], do: "refuse-to-end" });
    const another = await stage.backend();
    await another.stop([polite, stubborn], { grace: 1 });
    await Promise.all([stage.gone(backend, polite), stage.gone(backend, stubborn)]);
    await stage.runs(another, []);
  });

  test("takes it for success that a worker has ended", async (stage) => {
    const backend = await stage.backend();
    const { id } = await stage.ended(backend, { slots: [0], do: "exit", code: 3 });
    await backend.stop([id, id]);
    await (await stage.backend()).stop([id]);
    const after = (await stage.list(backend)).find((worker) => worker.id === id);
    assert.equal(after?.exit?.reason ?? "error", "error", "how it ended does not change");
  });

  test("takes it for success that a worker was never there", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    await backend.stop(["never-there", "1", "", id.slice(0, -1)]);
    await backend.stop([]);
    await stage.runs(backend, [id]);
  });

  test("ends only the workers that it is given", async (stage) => {
    const backend = await stage.backend();
    const [first, second] = await stage.ready(backend, { slots: [0, 1], do: "wait" });
    await backend.stop([first]);
    await stage.gone(backend, first);
    await stage.runs(backend, [must(second)]);
  });
}
