import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setInterval } from "node:timers/promises";
import type { Backend, LaunchProgram, LaunchRequest, WorkerSpec, WorkerStatus } from "@skyburst/core";
import { BackendError } from "@skyburst/core";
import { WORKER_PROGRAM } from "./worker-program.ts";

/** The test function of whatever runs the tests. */
export type Register = (name: string, body: () => Promise<void>) => void;

/** In what ways the backend differs from others, and what the suite can't know by itself. */
export interface BackendFacts {
  /** Puts a program where workers can fetch it. */
  publish(source: string): Promise<LaunchProgram>;
  /** A backend that runs at most so many workers at a time. */
  limited(maxWorkers: number): Backend;
  /** Signals that end a worker are told by their names. */
  readonly signals: boolean;
  /** The program's bytes are compared with `program.sha256` by the backend; else by what it starts. */
  readonly verifiesProgram: boolean;
}

/** What every backend keeps, shown with real workers. `factory` makes another object that reaches the same provider. */
export function backendSuite(register: Register, factory: () => Backend, facts: BackendFacts): void {
  const test = (name: string, body: (stage: Stage) => Promise<void>) =>
    register(name, async () => {
      await using stage = new Stage(factory, facts);
      await body(stage);
    });

  test("starts one worker for each slot, which learns its own", async (stage) => {
    const backend = stage.backend();
    const { started, refused } = await stage.launch(backend, { slots: [0, 2, 5], do: "wait" });
    assert.deepEqual(refused, []);
    assert.deepEqual(
      started.map(({ slot }) => slot),
      [0, 2, 5],
    );
    assert.equal(new Set(started.map(({ id }) => id)).size, 3);
    for (const { slot, id } of started)
      assert.match(await stage.printed(backend, id, "ready"), new RegExp(`^slot ${slot}$`, "m"));
    const listed = await backend.list(stage.sessionId);
    assert.deepEqual(
      listed.map(({ id, slot, launch, state }) => ({ id, slot, launch, state })),
      started.map(({ id, slot }) => ({ id, slot, launch: 7, state: "running" })),
    );
    for (const { startedAt = 0 } of listed) assert.ok(Math.abs(startedAt - Date.now()) < 60_000);
  });

  test("lists the workers of a session to a process that launched none, and no others", async (stage) => {
    const { started } = await stage.launch(stage.backend(), { slots: [0, 1], do: "wait" });
    const another = stage.backend();
    assert.deepEqual(
      (await another.list(stage.sessionId)).map(({ id }) => id),
      started.map(({ id }) => id),
    );
    assert.deepEqual(await another.list(`${stage.sessionId}0`), []);
    assert.deepEqual(await another.list(stage.sessionId.slice(0, -1)), []);
  });

  test("tells of an exit with code 0 as done", async (stage) => {
    const worker = await stage.ended(stage.backend(), { slots: [0], do: "exit", code: 0 });
    assert.deepEqual(worker.exit, { code: 0, reason: "done" });
    assert.ok((worker.stoppedAt ?? 0) >= (worker.startedAt ?? Infinity));
  });

  test("tells of another exit code as an error", async (stage) => {
    const worker = await stage.ended(stage.backend(), { slots: [0], do: "exit", code: 3 });
    assert.deepEqual(worker.exit, { code: 3, reason: "error" });
  });

  test("asks workers to end, and says that they were stopped", async (stage) => {
    const backend = stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    await backend.stop([id]);
    assert.deepEqual((await stage.exited(backend, id)).exit, { code: 0, reason: "stopped" });
  });

  test("kills what has not ended after the grace time", async (stage) => {
    const backend = stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "refuse-to-end" });
    await backend.stop([id], { grace: 1 });
    const { exit } = await stage.exited(backend, id);
    assert.equal(exit?.reason, "stopped");
    if (facts.signals) assert.equal(exit?.signal, "SIGKILL");
  });

  test("stops what another process launched", async (stage) => {
    const backend = stage.backend();
    const [polite] = await stage.ready(backend, { slots: [0], do: "wait" });
    const [stubborn] = await stage.ready(backend, { slots: [1], do: "refuse-to-end" });
    await stage.backend().stop([polite, stubborn], { grace: 1 });
    await Promise.all([stage.exited(backend, polite), stage.exited(backend, stubborn)]);
    assert.deepEqual(await stage.backend().list(stage.sessionId).then(running), []);
  });

  test("takes it for success that a worker is gone already, or was never there", async (stage) => {
    const backend = stage.backend();
    const { id } = await stage.ended(backend, { slots: [0], do: "exit", code: 0 });
    await backend.stop([id, id, "never-there", "1", ""]);
    await stage.backend().stop([id]);
    await backend.stop([]);
    assert.deepEqual(
      (await backend.list(stage.sessionId)).find((worker) => worker.id === id)?.exit ?? { code: 0, reason: "done" },
      { code: 0, reason: "done" },
    );
  });

  test("stops only the workers that it is given", async (stage) => {
    const backend = stage.backend();
    const [first, second] = await stage.ready(backend, { slots: [0, 1], do: "wait" });
    await backend.stop([first]);
    await stage.exited(backend, first);
    assert.deepEqual(running(await backend.list(stage.sessionId)), [second]);
  });

  test("gives workers the environment of the spec, and keeps what they printed", async (stage) => {
    const backend = stage.backend();
    const { id } = await stage.ended(backend, {
      slots: [0],
      do: "print",
      spec: { env: { SKYBURST_TEST: "ä = 'b' $c" } },
    });
    assert.equal(await backend.logs?.(id), "slot 0\nto stdout\nto stderr ä = 'b' $c\nready\n");
  });

  test("keeps the end of what a worker printed, from the beginning of a line", async (stage) => {
    const backend = stage.backend();
    const { id } = await stage.ended(backend, { slots: [0], do: "flood" });
    const lines = (await backend.logs?.(id))?.split("\n") ?? [];
    assert.deepEqual(lines.slice(-3), ["line 19999", "ready", ""]);
    assert.match(lines[0] ?? "", /^line \d+$/);
    assert.ok(lines.length < 20_000);
  });

  test("has no output of a worker that was never there", async (stage) => {
    assert.equal(await stage.backend().logs?.("../never-there"), "");
  });

  for (const [field, value] of Object.entries(ANY_SPEC)) {
    if (factory().capabilities.spec.includes(field as keyof WorkerSpec)) continue;
    test(`refuses the spec field ${field} by name, for every slot`, async (stage) => {
      const { started, refused } = await stage.launch(stage.backend(), {
        slots: [0, 3],
        do: "wait",
        spec: { [field]: value },
      });
      assert.deepEqual(started, []);
      assert.deepEqual(
        refused.map(({ slot, kind }) => ({ slot, kind })),
        [
          { slot: 0, kind: "option" },
          { slot: 3, kind: "option" },
        ],
      );
      for (const { message } of refused) assert.ok(message.includes(`\`${field}: `), message);
      assert.deepEqual(await stage.backend().list(stage.sessionId), []);
    });
  }

  if (facts.verifiesProgram) {
    test("refuses a program that is not the one asked for", async (stage) => {
      const program = {
        ...(await facts.publish(WORKER_PROGRAM)),
        sha256: createHash("sha256").update("another").digest("hex"),
      };
      const { started, refused } = await stage.launch(stage.backend(), { slots: [0, 1], do: "wait", program });
      assert.deepEqual(started, []);
      assert.deepEqual(
        refused.map(({ slot, kind }) => ({ slot, kind })),
        [
          { slot: 0, kind: "option" },
          { slot: 1, kind: "option" },
        ],
      );
      for (const { message } of refused) assert.ok(message.includes(program.sha256), message);
    });
  }

  test("starts no more workers than its limit, and more when one has ended", async (stage) => {
    const backend = stage.owned(facts.limited(2));
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
    assert.equal((await backend.capacity?.({})) ?? 0, 0);
    const [first] = started;
    assert.ok(first);
    await backend.stop([first.id], { grace: 1 });
    await stage.exited(backend, first.id);
    assert.equal((await backend.capacity?.({})) ?? 1, 1);
    assert.equal((await stage.launch(backend, { slots: [2], do: "wait" })).started.length, 1);
  });

  test("starts a repeated launch again only where it can't tell", async (stage) => {
    const backend = stage.backend();
    const first = await stage.launch(backend, { slots: [0], do: "wait" });
    const second = await stage.launch(backend, { slots: [0], do: "wait" });
    const ids = new Set([...first.started, ...second.started].map(({ id }) => id));
    assert.equal(ids.size, backend.capabilities.token ? 1 : 2);
    assert.deepEqual(new Set(running(await backend.list(stage.sessionId))), ids);
  });

  test("watches from the first state on, whoever launched and whoever ends a worker", async (stage) => {
    const [launching, watching] = [stage.backend(), stage.backend()];
    const [id] = await stage.ready(launching, { slots: [0], do: "wait" });
    const seen: string[] = [];
    for await (const workers of watching.watch?.(stage.sessionId) ?? []) {
      seen.push(...workers.map((worker) => `${worker.id === id} ${worker.state}`));
      if (workers.some(({ state }) => state === "exited")) break;
      await launching.stop([id]);
    }
    if (watching.watch) assert.deepEqual(seen, ["true running", "true exited"]);
  });

  test("ends a watch when it is closed, and by an error when it is aborted", async (stage) => {
    const backend = stage.backend();
    const abort = new AbortController();
    const [closed, aborted] = [
      backend.watch?.(stage.sessionId),
      backend.watch?.(stage.sessionId, { signal: abort.signal }),
    ];
    if (!closed || !aborted) return;
    const iterators = [closed[Symbol.asyncIterator](), aborted[Symbol.asyncIterator]()] as const;
    for (const iterator of iterators) assert.deepEqual(await iterator.next(), { done: false, value: [] });
    const [atClose, atAbort] = [iterators[0].next(), iterators[1].next()];
    abort.abort(new Error("enough"));
    await assert.rejects(atAbort, /enough/);
    await backend.close?.();
    assert.deepEqual(await atClose, { done: true, value: undefined });
  });

  test("does nothing under a signal that is aborted", async (stage) => {
    const backend = stage.backend();
    const signal = AbortSignal.abort(new Error("not now"));
    await assert.rejects(stage.launch(backend, { slots: [0], do: "wait" }, signal), /not now/);
    await assert.rejects(backend.list(stage.sessionId, { signal }), /not now/);
    await assert.rejects(backend.stop([], { signal }), /not now/);
    assert.deepEqual(await backend.list(stage.sessionId), []);
  });

  test("lets workers go on when it is closed, and does nothing more", async (stage) => {
    const backend = stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    await backend.close?.();
    await backend.close?.();
    assert.deepEqual(running(await stage.backend().list(stage.sessionId)), [id]);
    const isClosed = (error: unknown) => error instanceof BackendError && error.code === "closed" && !error.retryable;
    await assert.rejects(stage.launch(backend, { slots: [1], do: "wait" }), isClosed);
    await assert.rejects(backend.list(stage.sessionId), isClosed);
  });

  test("states what it can do, and what a worker costs", async (stage) => {
    const backend = stage.backend();
    assert.match(backend.name, /^[a-z0-9]+$/);
    assert.ok(backend.capabilities.maxWorkers >= 1 && backend.capabilities.slots >= 1);
    assert.ok(((await backend.rate?.({})) ?? 0) >= 0);
    assert.ok(((await backend.capacity?.({})) ?? 1) >= 1);
  });
}

/** A value for every field of a spec. */
const ANY_SPEC: Readonly<Required<WorkerSpec>> = {
  slots: 1,
  cpu: 1,
  memory: 512 * 1024 * 1024,
  gpus: 1,
  image: "node:24-slim",
  platform: "linux/arm64",
  env: { A: "b" },
  mounts: [{ source: "/a", target: "/b" }],
  spot: true,
};

interface Scene {
  readonly slots: readonly number[];
  /** What the worker program does. */
  readonly do: string;
  readonly code?: number;
  readonly spec?: WorkerSpec;
  readonly program?: LaunchProgram;
}

/** A session of one test: whatever was started in it ends with it. */
class Stage implements AsyncDisposable {
  readonly sessionId = `suite-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  readonly #factory: () => Backend;
  readonly #facts: BackendFacts;
  readonly #backends: Backend[] = [];

  constructor(factory: () => Backend, facts: BackendFacts) {
    this.#factory = factory;
    this.#facts = facts;
  }

  backend(): Backend {
    return this.owned(this.#factory());
  }

  owned(backend: Backend): Backend {
    this.#backends.push(backend);
    return backend;
  }

  async launch(backend: Backend, scene: Scene, signal?: AbortSignal) {
    const program = scene.program ?? (await this.#facts.publish(WORKER_PROGRAM));
    const args = [`--do=${scene.do}`, ...(scene.code === undefined ? [] : [`--code=${scene.code}`])];
    const request: LaunchRequest = {
      sessionId: this.sessionId,
      launch: 7,
      token: `${this.sessionId}-7`,
      slots: scene.slots,
      spec: scene.spec ?? {},
      program,
      args,
    };
    return await backend.launch(request, { signal });
  }

  /** The ids of workers that have begun. */
  async ready(backend: Backend, scene: Scene): Promise<readonly [string, ...string[]]> {
    const { started } = await this.launch(backend, scene);
    const [first, ...others] = started.map(({ id }) => id);
    assert.ok(first !== undefined && started.length === scene.slots.length);
    await Promise.all([first, ...others].map((id) => this.printed(backend, id, "ready")));
    return [first, ...others];
  }

  async ended(backend: Backend, scene: Scene): Promise<WorkerStatus> {
    const { started } = await this.launch(backend, scene);
    assert.equal(started.length, 1);
    return await this.exited(backend, started[0]?.id ?? "");
  }

  async exited(backend: Backend, id: string): Promise<WorkerStatus> {
    for await (const workers of backend.watch?.(this.sessionId) ?? this.#lists(backend)) {
      const worker = workers.find((worker) => worker.id === id);
      if (worker?.state === "exited") return worker;
    }
    throw new assert.AssertionError({ message: `The watch ended before worker ${id} had.` });
  }

  /** What a worker has printed, once `text` is in it. */
  async printed(backend: Backend, id: string, text: string): Promise<string> {
    for await (const _ of setInterval(10)) {
      const output = (await backend.logs?.(id)) ?? text;
      if (output.includes(text)) return output;
    }
    throw new assert.AssertionError({ message: `Worker ${id} never printed ${text}.` });
  }

  async *#lists(backend: Backend): AsyncGenerator<readonly WorkerStatus[]> {
    for await (const _ of setInterval(100)) yield await backend.list(this.sessionId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const last = this.backend();
    await last.stop(
      (await last.list(this.sessionId)).map(({ id }) => id),
      { grace: 0 },
    );
    for (const backend of this.#backends) await backend.close?.();
  }
}

function running(workers: readonly WorkerStatus[]): readonly string[] {
  return workers.filter(({ state }) => state === "running").map(({ id }) => id);
}
