import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Backend, LaunchProgram, LaunchRequest, LaunchResult, WorkerSpec, WorkerStatus } from "@skyburst/core";
import { eventually } from "../expect.ts";
import type { KnownBackendFacts } from "./facts.ts";
import { sound } from "./sound.ts";
import { WORKER_PROGRAM } from "./worker-program.ts";

/** Makes another object that reaches the same provider, as another process would have it. */
export type OpenBackend = () => Backend | Promise<Backend>;

/** Registers a test under its name. */
export type BackendTest = (name: string, body: (stage: BackendStage) => Promise<void>) => void;

/** What a worker is launched with. */
export interface Scene {
  readonly slots: readonly number[];
  /** What the program does. */
  readonly do: "wait" | "refuse-to-end" | "exit" | "print" | "read" | "flood" | "tell-secret";
  readonly code?: number;
  readonly text?: string;
  readonly launch?: number;
  readonly spec?: WorkerSpec;
  readonly program?: LaunchProgram;
  readonly storeId?: string;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A session of one test: whatever is started in it ends with it. */
export class BackendStage {
  readonly sessionId = `suite-${randomBytes(6).toString("hex")}`;
  readonly facts: KnownBackendFacts;
  readonly #open: OpenBackend;
  readonly #opened: Backend[] = [];

  constructor(open: OpenBackend, facts: KnownBackendFacts) {
    this.#open = open;
    this.facts = facts;
  }

  /** Another object on the same provider. */
  async backend(): Promise<Backend> {
    return this.owned(await this.#open());
  }

  owned(backend: Backend): Backend {
    this.#opened.push(backend);
    return backend;
  }

  async program(): Promise<LaunchProgram> {
    return await this.facts.publish(WORKER_PROGRAM);
  }

  async launch(backend: Backend, scene: Scene, signal?: AbortSignal): Promise<LaunchResult> {
    const { code, text, launch = 7, secrets } = scene;
    const request: LaunchRequest = {
      sessionId: this.sessionId,
      launch,
      token: `${this.sessionId}-${launch}-${scene.slots.join("-")}`,
      slots: scene.slots,
      spec: { ...this.facts.spec, ...scene.spec },
      program: scene.program ?? (await this.program()),
      storeId: scene.storeId ?? "0123456789abcdef",
      ...(secrets === undefined ? {} : { secrets }),
      args: [
        `--do=${scene.do}`,
        ...(code === undefined ? [] : [`--code=${code}`]),
        ...(text === undefined ? [] : [`--text=${text}`]),
      ],
    };
    return await backend.launch(request, { signal });
  }

  /** The ids of workers that have begun. */
  async ready(backend: Backend, scene: Scene): Promise<readonly [string, ...string[]]> {
    const { started, refused } = await this.launch(backend, scene);
    assert.equal(started.length, scene.slots.length, `started; refused: ${JSON.stringify(refused)}`);
    const [first = "", ...others] = started.map(({ id }) => id);
    await Promise.all([first, ...others].map((id) => this.printed(backend, id, "ready")));
    return [first, ...others];
  }

  /** A worker that was launched and has ended. */
  async ended(backend: Backend, scene: Scene): Promise<WorkerStatus> {
    const { started, refused } = await this.launch(backend, scene);
    assert.equal(started.length, 1, `started; refused: ${JSON.stringify(refused)}`);
    return await this.exited(backend, started[0]?.id ?? "");
  }

  async list(backend: Backend): Promise<readonly WorkerStatus[]> {
    const workers = await backend.list(this.sessionId);
    workers.forEach(sound);
    return workers;
  }

  async running(backend: Backend): Promise<readonly string[]> {
    return (await this.list(backend)).filter(({ state }) => state !== "exited").map(({ id }) => id);
  }

  /** These workers run and no others: at once, or as soon as a provider that lags behind its launches knows. */
  async runs(backend: Backend, ids: readonly string[]): Promise<void> {
    const expected = ids.toSorted().join(", ");
    let seen = "";
    await eventually(
      async () => {
        seen = (await this.running(backend)).toSorted().join(", ");
        return seen === expected ? true : undefined;
      },
      this.facts.patience,
      () => `the workers that run are [${expected}]; listed are [${seen}]`,
    );
  }

  async exited(backend: Backend, id: string): Promise<WorkerStatus> {
    const look = async () => (await this.list(backend)).find((worker) => worker.id === id && worker.state === "exited");
    return await eventually(look, this.facts.patience, `the worker ${id} is listed as exited`);
  }

  async gone(backend: Backend, id: string): Promise<void> {
    const look = async () => ((await this.running(backend)).includes(id) ? undefined : true);
    await eventually(look, this.facts.patience, `the worker ${id} has ended`);
  }

  /** What a worker has printed, once `text` is in it. Where nothing can be known of it, once it runs. */
  async printed(backend: Backend, id: string, text: string): Promise<string> {
    const look = async () => {
      if (backend.logs === undefined) {
        const worker = (await this.list(backend)).find((one) => one.id === id);
        return worker?.state === "pending" ? undefined : "";
      }
      const output = await backend.logs(id);
      return output.includes(text) ? output : undefined;
    };
    return await eventually(look, this.facts.patience, `the worker ${id} has printed ${text}`);
  }

  /** What is wrong with list, stop and close is said by their own tests. */
  async clear(): Promise<void> {
    await this.backend().catch(() => undefined);
    // One with a limit may be on a provider of its own.
    await Promise.all(this.#opened.map((backend) => this.#empty(backend)));
    for (const backend of this.#opened) await backend.close?.().catch(() => undefined);
  }

  async #empty(backend: Backend): Promise<void> {
    try {
      const workers = await backend.list(this.sessionId);
      await backend.stop(
        workers.map(({ id }) => id),
        { grace: 0 },
      );
      // Those of the next test may count against the same limit.
      await this.runs(backend, []);
    } catch {
      // It was closed, or nothing could be stopped, and the test has failed or is about something else.
    }
  }
}

/** Runs a test in a session of its own, of which nothing is left running. */
export async function onBackendStage(
  open: OpenBackend,
  facts: KnownBackendFacts,
  body: (stage: BackendStage) => Promise<void>,
): Promise<void> {
  const stage = new BackendStage(open, facts);
  try {
    await body(stage);
  } finally {
    await stage.clear();
  }
}
