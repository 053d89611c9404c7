import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { BackendError } from "@skyburst/core";
import type {
  Backend,
  BackendSignal,
  LaunchRequest,
  LaunchResult,
  ManagedSession,
  Rate,
  Refusal,
  Remnant,
  StopOptions,
  TeardownRequest,
  WorkerExit,
  WorkerSpec,
  WorkerStatus,
} from "@skyburst/core";

/** A worker of the pretended provider: it does what the suite's program would. */
export interface MemoryWorker {
  readonly sessionId: string;
  readonly storeId: string;
  readonly stubborn: boolean;
  status: WorkerStatus;
  output: string;
}

/** What objects on the same provider share. */
export interface Provider {
  readonly workers: Map<string, MemoryWorker>;
  readonly tokens: Map<string, LaunchResult>;
  readonly listeners: Set<() => void>;
}

export function provider(): Provider {
  return { workers: new Map(), tokens: new Map(), listeners: new Set() };
}

/** A right backend, on a provider in the memory of this process. */
export class MemoryBackend implements Backend {
  readonly name = "memory";
  readonly capabilities;
  readonly #provider: Provider;
  readonly #closing = new AbortController();

  constructor(on: Provider, maxWorkers = 100) {
    this.#provider = on;
    this.capabilities = {
      spec: ["env", "slots"] as const satisfies (keyof WorkerSpec)[],
      maxWorkers,
      slots: 2,
      token: true,
      sharesFileSystem: true,
      spot: false,
      secrets: true,
    };
  }

  async launch(request: LaunchRequest, options?: BackendSignal): Promise<LaunchResult> {
    this.#enter(options);
    const known = this.#provider.tokens.get(request.token);
    if (known !== undefined) return known;
    const unfit = this.#refusal(request);
    const started: { slot: number; id: string }[] = [];
    const refused: Refusal[] = [];
    for (const slot of request.slots) {
      if (unfit !== undefined) refused.push({ slot, kind: "option", message: unfit });
      else if (this.#living().length >= this.capabilities.maxWorkers)
        refused.push({ slot, kind: "capacity", message: "as many as may be run already" });
      else started.push({ slot, id: this.#start(request, slot) });
    }
    const result = { started, refused };
    this.#provider.tokens.set(request.token, result);
    return result;
  }

  async list(sessionId: string, options?: BackendSignal): Promise<readonly WorkerStatus[]> {
    this.#enter(options);
    return [...this.#provider.workers.values()]
      .filter((worker) => worker.sessionId === sessionId)
      .map(({ status }) => status);
  }

  async stop(workers: readonly string[], options?: StopOptions): Promise<void> {
    this.#enter(options);
    for (const id of workers) {
      const worker = this.#provider.workers.get(id);
      if (worker?.status.state !== "running") continue;
      if (!worker.stubborn) this.end(id, { code: 0, reason: "stopped" });
      else if ((options?.grace ?? 10_000) < 100) this.end(id, { signal: "SIGKILL", reason: "stopped" });
    }
  }

  async *watch(sessionId: string, options?: BackendSignal): AsyncGenerator<readonly WorkerStatus[], void, undefined> {
    this.#enter(options);
    const end = AbortSignal.any([this.#closing.signal, ...(options?.signal ? [options.signal] : [])]);
    for (let told: string | undefined; !end.aborted;) {
      const workers = [...this.#provider.workers.values()]
        .filter((worker) => worker.sessionId === sessionId)
        .map(({ status }) => status);
      if (JSON.stringify(workers) === told) await this.#changed(end);
      else {
        told = JSON.stringify(workers);
        yield workers;
      }
    }
    options?.signal?.throwIfAborted();
  }

  async capacity(_spec: WorkerSpec, options?: BackendSignal): Promise<number> {
    this.#enter(options);
    return this.capabilities.maxWorkers - this.#living().length;
  }

  async rate(_spec: WorkerSpec): Promise<Rate> {
    return { amount: 0.05, currency: "USD", unit: "hour", source: "a test" };
  }

  async sessions(options?: BackendSignal): Promise<readonly ManagedSession[]> {
    this.#enter(options);
    const all = this.#living().map(({ sessionId, storeId }) => [sessionId, { sessionId, storeId }] as const);
    return [...new Map(all).values()];
  }

  async teardown({ spare = [], dryRun = false, ...options }: TeardownRequest = {}): Promise<readonly Remnant[]> {
    this.#enter(options);
    const ended = [...this.#provider.workers].filter(
      ([, { status, sessionId }]) => status.state === "exited" && !spare.includes(sessionId),
    );
    if (!dryRun) for (const [id] of ended) this.#provider.workers.delete(id);
    return ended.map(([name, { sessionId }]) => ({ kind: "worker", name, sessionId }));
  }

  async logs(worker: string): Promise<string> {
    return this.#provider.workers.get(worker)?.output ?? "";
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  /** Ends a worker, and tells who watches. */
  end(id: string, exit: WorkerExit): void {
    const worker = this.#provider.workers.get(id);
    if (worker === undefined) return;
    worker.status = { ...worker.status, state: "exited", exit, stoppedAt: Date.now() };
    for (const listener of this.#provider.listeners) listener();
  }

  #start({ sessionId, storeId, launch, args, spec, secrets }: LaunchRequest, slot: number): string {
    const id = `${sessionId}.${launch}.${slot}.${this.#provider.workers.size}`;
    const given = new Map(args.map((argument) => [argument.replace(/=.*/s, ""), argument.replace(/^.*?=/s, "")]));
    const action = given.get("--do") ?? "";
    const lines = {
      print: [`text ${given.get("--text")}`, `variable ${spec.env?.SKYBURST_TEST}`, "to stderr"],
      read: action === "read" ? [`read ${readFileSync(given.get("--text") ?? "", "utf8")}`] : [],
      "tell-secret": [`hash ${hashOf(secrets?.SKYBURST_SECRET_TEST ?? "")}`, ...shownIn(args, secrets)],
      flood: Array.from({ length: 20_000 }, (_, line) => `line ${line}`),
    }[action];
    this.#provider.workers.set(id, {
      sessionId,
      storeId,
      stubborn: action === "refuse-to-end",
      status: { id, launch, slot, state: "running", startedAt: Date.now() },
      output: [`slot ${slot}`, ...(lines ?? []), "ready", ""].join("\n"),
    });
    const code = Number(given.get("--code") ?? 0);
    const waits = action === "wait" || action === "refuse-to-end";
    if (!waits) void setImmediate().then(() => this.end(id, { code, reason: code === 0 ? "done" : "error" }));
    return id;
  }

  #refusal({ spec, program }: LaunchRequest): string | undefined {
    const field = Object.keys(spec).find((name) => name !== "env" && name !== "slots");
    if (field !== undefined) return `there is no \`${field}\` here`;
    if (program.url.endsWith(".missing")) return "there is no such program";
    return program.url === `memory:///${program.sha256}` ? undefined : `the program is not ${program.sha256}`;
  }

  #living(): readonly MemoryWorker[] {
    return [...this.#provider.workers.values()].filter(({ status }) => status.state === "running");
  }

  #changed(end: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#provider.listeners.delete(done);
        resolve();
      };
      this.#provider.listeners.add(done);
      end.addEventListener("abort", done, { once: true });
    });
  }

  #enter(options?: BackendSignal): void {
    if (this.#closing.signal.aborted) throw new BackendError("closed", "closed");
    options?.signal?.throwIfAborted();
  }
}

/** A right one, too: who is asked to end is gone a moment later. */
export class LingeringBackend extends MemoryBackend {
  override end(id: string, exit: WorkerExit): void {
    setTimeout(() => super.end(id, exit), 50);
  }
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function shownIn(args: readonly string[], secrets: LaunchRequest["secrets"] = {}): readonly string[] {
  const shown = Object.values(secrets).some((secret) => args.join(" ").includes(secret));
  return shown ? ["it is an argument"] : [];
}
