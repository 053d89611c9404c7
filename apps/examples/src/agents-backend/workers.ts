import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { ManagedSession, WorkerExit, WorkerStatus } from "@skyburst/core";
import type { Start, Stop } from "./protocol.ts";

interface Worker {
  readonly start: Start;
  readonly process: ChildProcess;
  status: WorkerStatus;
  stopped: boolean;
  output: string;
}

/** The processes of one agent: running → exited. It remembers how each ended, so that anyone may ask. */
export class Workers {
  readonly #all = new Map<string, Worker>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get free(): number {
    return this.#most - this.#running.length;
  }

  /** Those of which workers run, each once. */
  get sessions(): readonly ManagedSession[] {
    const all = this.#running.map(({ start: { sessionId, storeId } }) => [sessionId, { sessionId, storeId }] as const);
    return [...new Map(all).values()];
  }

  get #running(): readonly Worker[] {
    return [...this.#all.values()].filter(({ status }) => status.state === "running");
  }

  of(sessionId: string): readonly WorkerStatus[] {
    return [...this.#all.values()].filter(({ start }) => start.sessionId === sessionId).map(({ status }) => status);
  }

  /** The id of the worker; the same one for the same token and slot; `undefined` when there is no room. */
  start(start: Start, program: string): string | undefined {
    for (const [id, known] of this.#all)
      if (known.start.token === start.token && known.start.slot === start.slot) return id;
    if (this.free <= 0) return undefined;
    const id = randomUUID();
    // A process group of its own: a Ctrl-C at the agent's terminal is not meant for workers.
    const child = spawn(process.execPath, [program, ...start.args, `--slot=${start.slot}`], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...start.env, SKYBURST_WORKER: id },
    });
    const { launch, slot } = start;
    const status: WorkerStatus = { id, launch, slot, state: "running", startedAt: Date.now() };
    const worker: Worker = { start, process: child, status, stopped: false, output: "" };
    this.#all.set(id, worker);
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (worker.output = (worker.output + text).slice(-65_536)));
    // Not `exit`: what it printed last may still be on its way.
    child.once("close", (code, signal) => ended(worker, code, signal));
    child.once("error", () => ended(worker, null, null));
    return id;
  }

  /** Who is gone, or was never here, needs no stopping. */
  stop({ ids, grace }: Stop): void {
    for (const id of ids) {
      const worker = this.#all.get(id);
      if (worker?.status.state !== "running") continue;
      worker.stopped = true;
      worker.process.kill("SIGTERM");
      setTimeout(() => worker.status.state === "running" && worker.process.kill("SIGKILL"), grace).unref();
    }
  }

  stopAll(): void {
    this.stop({ ids: [...this.#all.keys()], grace: 0 });
  }

  logs(id: string): string {
    return this.#all.get(id)?.output ?? "";
  }
}

function ended(worker: Worker, code: number | null, signal: string | null): void {
  const exit: WorkerExit = {
    ...(code === null ? {} : { code }),
    ...(signal === null ? {} : { signal }),
    reason: worker.stopped ? "stopped" : code === 0 ? "done" : "error",
  };
  worker.status = { ...worker.status, state: "exited", exit, stoppedAt: Date.now() };
}
