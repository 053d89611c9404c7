import assert from "node:assert/strict";
import { givenUp, must, refused, thrownBy } from "../expect.ts";
import type { BackendTest } from "./stage.ts";

export function watchTests(test: BackendTest): void {
  test("tells the state at first, and every change", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    const seen: string[] = [];
    for await (const workers of must(backend.watch).call(backend, stage.sessionId)) {
      seen.push(...workers.map((worker) => `${worker.id === id} ${worker.state}`));
      if (workers.some(({ state }) => state === "exited")) break;
      if (seen.length === 1) await backend.stop([id]);
    }
    assert.deepEqual(seen, ["true running", "true exited"]);
  });

  test("sees what another process launches and ends", async (stage) => {
    const [launching, watching] = [await stage.backend(), await stage.backend()];
    const [id] = await stage.ready(launching, { slots: [0], do: "wait" });
    const seen: string[] = [];
    for await (const workers of must(watching.watch).call(watching, stage.sessionId)) {
      const worker = workers.find((one) => one.id === id);
      seen.push(worker?.state ?? "gone");
      if (seen.length === 1) await launching.stop([id]);
      else if (worker?.state !== "running") break;
    }
    assert.equal(seen[0], "running");
    assert.notEqual(seen.at(-1), "running");
  });

  test("sees no other sessions", async (stage) => {
    const backend = await stage.backend();
    await stage.ready(backend, { slots: [0], do: "wait" });
    const watched = must(backend.watch).call(backend, `${stage.sessionId}0`)[Symbol.asyncIterator]();
    assert.deepEqual(await watched.next(), { done: false, value: [] });
    await watched.return?.();
  });

  test("ends by an error when its signal is aborted", async (stage) => {
    const backend = await stage.backend();
    const abort = new AbortController();
    const watching = must(backend.watch).call(backend, stage.sessionId, { signal: abort.signal });
    const watched = watching[Symbol.asyncIterator]();
    assert.deepEqual(await watched.next(), { done: false, value: [] });
    const next = watched.next();
    abort.abort(new Error("enough"));
    givenUp(await thrownBy(() => next), abort.signal);
  });

  test("ends when its backend is closed, or says so", async (stage) => {
    const backend = await stage.backend();
    const watched = must(backend.watch).call(backend, stage.sessionId)[Symbol.asyncIterator]();
    assert.deepEqual(await watched.next(), { done: false, value: [] });
    const next = watched.next();
    if (backend.close === undefined) return void (await watched.return?.());
    await backend.close();
    const ended = await next.then(
      ({ done }) => done,
      () => undefined,
    );
    if (ended === undefined) await refused(() => next, "closed");
    else assert.equal(ended, true);
  });
}
