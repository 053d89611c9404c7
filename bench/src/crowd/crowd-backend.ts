import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Backend, LaunchRequest, LaunchResult, Refusal, WorkerStatus } from "@skyburst/core";
import { program } from "../program.ts";
import { nothing } from "./crowd-plan.ts";
import type { Asked, CrowdPlan, Order, WorkerName, Word } from "./crowd-plan.ts";

/** Workers by the hundred, as many to a process as fit: each is a whole one but for its tasks. */
export class CrowdBackend implements Backend {
  readonly name = "crowd";
  readonly capabilities: Backend["capabilities"];
  readonly #children: ChildProcess[];
  readonly #workers = new Map<string, WorkerStatus>();
  readonly #most: number;
  #asked: Asked = nothing;

  /** @param place Options of the store, as JSON. */
  constructor(plan: CrowdPlan, place: string) {
    this.#most = plan.present ?? plan.workers;
    this.capabilities = {
      spec: ["slots"],
      maxWorkers: plan.workers,
      slots: 1,
      token: false,
      sharesFileSystem: false,
      spot: false,
    };
    this.#children = Array.from({ length: plan.processes }, () =>
      fork(program("crowd-workers"), [place, JSON.stringify(plan)]),
    );
    for (const child of this.#children) {
      child.on("message", (word: Word) => this.#hear(word));
      child.on("exit", (code, signal) => {
        if (signal !== "SIGKILL" && code !== 0) throw new Error(`A process with workers ended with ${code ?? signal}.`);
      });
    }
  }

  /** What all workers asked of the store that have ended. */
  get asked(): Asked {
    return this.#asked;
  }

  async launch({ launch, slots, args }: LaunchRequest): Promise<LaunchResult> {
    const started: { slot: number; id: string }[] = [];
    const refused: Refusal[] = [];
    for (const slot of slots) {
      const worker: WorkerName = { launch, slot };
      const id = idOf(worker);
      if (this.#workers.size >= this.#most) refused.push({ slot, kind: "capacity", message: "It is full here." });
      else {
        this.#workers.set(id, { id, ...worker, state: "running" });
        this.#tell(slot, { kind: "start", args, worker });
        started.push({ slot, id });
      }
    }
    return { started, refused };
  }

  async list(): Promise<readonly WorkerStatus[]> {
    return [...this.#workers.values()];
  }

  /** All at once: one client is all that this fleet ever works for. */
  async stop(): Promise<void> {
    for (const [place] of this.#children.entries()) this.#tell(place, { kind: "stop" });
  }

  /** Resolves when every worker has left by itself. */
  async settled(): Promise<void> {
    while ([...this.#workers.values()].some(({ state }) => state === "running")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Resolves when every process has ended, of itself or, with `kill`, of a SIGKILL. */
  async end(kill: boolean): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        if (kill) child.kill("SIGKILL");
        else child.disconnect();
        await ended;
      }),
    );
  }

  #tell(place: number, order: Order): void {
    this.#children[place % this.#children.length]?.send(order);
  }

  #hear(word: Word): void {
    // Nobody awaits this: it ends the program, and so the run, as it should.
    if (word.kind === "failed") throw new Error(word.message);
    const id = idOf(word.worker);
    this.#workers.set(id, { id, ...word.worker, state: "exited", exit: { reason: "done", code: 0 } });
    this.#asked = plus(this.#asked, word.asked);
  }
}

function plus(some: Asked, more: Asked): Asked {
  return {
    create: some.create + more.create,
    get: some.get + more.get,
    list: some.list + more.list,
    put: some.put + more.put,
    delete: some.delete + more.delete,
    lost: some.lost + more.lost,
  };
}

function idOf({ launch, slot }: WorkerName): string {
  return `${launch}.${slot}`;
}
