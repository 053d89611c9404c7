import type {
  Backend,
  BackendCapabilities,
  LaunchOptions,
  LaunchRequest,
  LaunchResult,
  WorkerExit,
  WorkerStatus,
} from "../src/backend.ts";
import type { CostEstimator } from "../src/costs.ts";
import { commitBody } from "../src/protocol/commit.ts";
import { facts as factsOf } from "../src/protocol/facts.ts";
import type { Facts } from "../src/protocol/facts.ts";
import { sessionKeys } from "../src/protocol/keys.ts";
import type { CreateOperation, Ledger, Operation } from "../src/protocol/ledger.ts";
import type { MemoryGrowth } from "../src/protocol/budgets.ts";
import { jsonBody, parseJson } from "../src/protocol/lines.ts";
import { appendEntry, readLedger } from "../src/protocol/read-ledger.ts";
import { Heartbeat } from "../src/session/heartbeat.ts";
import { LedgerView } from "../src/session/ledger-view.ts";
import { Supervisor } from "../src/session/supervise/supervisor.ts";
import type { StateStore } from "../src/store.ts";
import { MemoryStore } from "./memory-store.ts";
import { VirtualTime } from "./virtual-time.ts";
import type { VirtualProcess } from "./virtual-time.ts";

class SlowStore extends MemoryStore {
  override readonly pace = { ttl: 10_000, commitInterval: 500, poll: [10, 1000] as const, chunksPerSlot: 16 };
}

/** What a supervisor's process is made of. */
export interface Client {
  readonly process: VirtualProcess;
  readonly supervisor: Supervisor;
  readonly view: LedgerView;
  readonly facts: Facts;
  readonly heartbeat: Heartbeat;
  readonly backend: Backend;
}

export interface ClientOptions {
  readonly workers?: number;
  readonly epoch?: number;
  readonly costs?: CostEstimator;
  readonly keeps?: boolean;
  readonly backend?: Partial<Backend>;
  readonly program?: string;
}

/** A session in memory, its provider, and any number of clients that would supervise it, in virtual time. */
export class SupervisedSession {
  readonly time = new VirtualTime();
  readonly store = new SlowStore();
  readonly keys = sessionKeys("s");
  readonly provider = new FakeProvider();
  readonly #facts = factsOf(this.store, this.time.process("somebody").runtime);
  /** Seats of workers that give no sign of life, as `<n>.<j>`. */
  readonly frozen = new Set<string>();
  readonly #born = new Set<string>();
  #beaten = 0;
  #entries = 0;

  constructor() {
    this.time.passed = (now) => {
      this.store.clock = 1_000_000 + now;
      this.#beat(now);
    };
    this.time.passed(0);
  }

  async begin(session: Partial<CreateOperation> = {}): Promise<void> {
    const create = { created: 0, ttl: 10_000, commitInterval: 500, linger: 0, crashBudget: 20, ...session };
    await this.append({ op: "create", ...create });
  }

  /** An entry of somebody else. */
  async append(...operations: Operation[]): Promise<void> {
    const writing = { actor: "somebody", ordinal: this.#entries++, operations };
    await appendEntry(this.#facts, this.keys, await readLedger(this.#facts, this.keys), writing);
  }

  /** A submission of somebody else, to which nothing was added yet. */
  async open(submission: string): Promise<void> {
    await this.append(opening(submission));
  }

  /** A submission of somebody else, of chunks of one task. */
  async submit(submission: string, tasks: number, memoryOnOom?: MemoryGrowth): Promise<void> {
    await this.append(
      opening(submission, memoryOnOom),
      { op: "append", submission, from: 0, counts: [tasks], chunk: 1 },
      { op: "end", submission },
    );
  }

  /** The store as one process reaches it. */
  storeOf(process: VirtualProcess): StateStore {
    return turnwise(this.store, process);
  }

  async ledger(): Promise<Ledger> {
    const ledger = await readLedger(this.#facts, this.keys);
    if (!ledger) throw new Error("There is no session yet.");
    return ledger;
  }

  async client(name: string, options: ClientOptions = {}): Promise<Client> {
    const process = this.time.process(name);
    const { runtime } = process;
    const facts = factsOf(this.storeOf(process), runtime);
    const view = new LedgerView(facts, this.keys, await this.ledger(), `client.${name}`);
    const backend: Backend = { ...this.provider.backend(process), ...options.backend };
    const supervisor = new Supervisor({
      facts,
      keys: this.keys,
      runtime,
      view,
      backend,
      spec: { slots: 1, env: { SECRET: name } },
      workers: options.workers ?? 2,
      session: "s",
      client: `client.${name}`,
      program: () => Promise.resolve({ sha256: options.program ?? "0", url: "file:///program.mjs" }),
      costs: options.costs,
      epoch: options.epoch,
      keeps: options.keeps,
    });
    const heartbeat = new Heartbeat({
      facts,
      keys: this.keys,
      runtime,
      client: `client.${name}`,
      view,
      fleet: () => supervisor.state,
    });
    if (options.epoch !== undefined)
      await this.#facts.create(this.keys.supervisor(options.epoch), jsonBody({ v: 1, owner: `client.${name}` }));
    return { process, supervisor, view, facts, heartbeat, backend };
  }

  /** A worker says that it is there, and then that it is gone. */
  async born(launch: number, slot: number): Promise<void> {
    const body = jsonBody({ v: 1, incarnation: `${launch}.${slot}.0.x` });
    await this.#facts.create(this.keys.born(launch, slot, 0), body);
    this.#born.add(`${launch}.${slot}`);
  }

  /** Who came to work and runs says so, now and then. */
  #beat(now: number): void {
    if (now - this.#beaten < 3000) return;
    this.#beaten = now;
    for (const { launch, slot, state } of this.provider.workers.values()) {
      const seat = `${launch}.${slot}`;
      if (state !== "running" || !this.#born.has(seat) || this.frozen.has(seat)) continue;
      this.store.objects.set(this.keys.worker(`${seat}.0.x`), jsonBody({ v: 1 }));
      this.store.times.set(this.keys.worker(`${seat}.0.x`), this.store.clock);
    }
  }

  async gone(launch: number, slot: number, reason: string, needs?: number): Promise<void> {
    await this.#facts.create(this.keys.gone(`${launch}.${slot}.0.x`), jsonBody({ v: 1, reason, needs, by: "itself" }));
  }

  /** A chunk of one task is done: all went well, and took so long. */
  async done(i: number, seconds = 1): Promise<void> {
    const counts = { succeeded: 1, failed: 0, cancelled: 0, seconds };
    const turn = { ...counts, failedTasks: [], cancelledTasks: 0, again: [], grant: 0, items: 1, cut: [1] };
    const header = { first: 0, count: 1, epoch: 1, worker: "0.0.0.x", ...counts, turn };
    await this.#facts.create(this.keys.done({ s: 0, i, t: 0 }), commitBody(header, [], []));
  }

  read(key: string): Record<string, unknown> | undefined {
    const body = this.store.objects.get(key);
    return body && (parseJson(body) as Record<string, unknown>);
  }

  under(prefix: string): string[] {
    return [...this.store.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}

/** Nothing of a dead process reaches the store, nor does an answer reach it. */
function turnwise(store: MemoryStore, process: VirtualProcess): StateStore {
  const inTurn = async <T>(operation: () => Promise<T>): Promise<T> => {
    await process.turn();
    const result = await operation();
    await process.turn();
    return result;
  };
  return {
    reference: store.reference,
    pace: store.pace,
    program: new URL(import.meta.url),
    create: (key, body) => inTurn(() => store.create(key, body)),
    get: (key) => inTurn(() => store.get(key)),
    put: (key, body) => inTurn(() => store.put(key, body)),
    delete: (keys) => inTurn(() => store.delete(keys)),
    now: () => inTurn(() => store.now()),
    async *list(prefix, options) {
      for await (const page of store.list(prefix, options)) {
        await process.turn();
        yield page;
      }
    },
  };
}

/** What runs, whoever launched it. It tells of it when it is asked. */
class FakeProvider {
  readonly launches: LaunchRequest[] = [];
  readonly stopped: string[] = [];
  readonly workers = new Map<string, WorkerStatus>();
  capabilities: BackendCapabilities = {
    spec: ["slots", "env"],
    maxWorkers: 10,
    slots: 1,
    token: false,
    sharesFileSystem: false,
    spot: false,
  };
  /** What a launch is answered with instead. */
  answer: ((request: LaunchRequest, options: LaunchOptions) => LaunchResult | Promise<LaunchResult>) | undefined;

  get running(): string[] {
    return [...this.workers.values()].filter(({ state }) => state === "running").map(({ id }) => id);
  }

  end(id: string, exit: WorkerExit): void {
    const status = this.workers.get(id);
    if (status) this.workers.set(id, { ...status, state: "exited", exit });
  }

  backend(process: VirtualProcess): Backend {
    const inTurn = async <T>(call: () => T | Promise<T>): Promise<T> => {
      await process.turn();
      const result = await call();
      await process.turn();
      return result;
    };
    return {
      name: "fake",
      capabilities: this.capabilities,
      launch: (request, options = {}) => inTurn(() => this.#launch(request, options)),
      list: () => inTurn(() => [...this.workers.values()]),
      stop: (ids) =>
        inTurn(() => {
          this.stopped.push(...ids);
          for (const id of ids) this.end(id, { reason: "stopped" });
        }),
    };
  }

  #launch(request: LaunchRequest, options: LaunchOptions): LaunchResult | Promise<LaunchResult> {
    this.launches.push(request);
    if (this.answer) return this.answer(request, options);
    const started = request.slots.map((slot) => {
      const id = `m${request.launch}.${slot}.${this.workers.size}`;
      this.workers.set(id, { id, launch: request.launch, slot, state: "running" });
      return { slot, id };
    });
    return { started, refused: [] };
  }
}

function opening(submission: string, memoryOnOom?: MemoryGrowth): Operation {
  const options = { retries: 0, backoff: 0, concurrency: 1, grace: 0, ...(memoryOnOom ? { memoryOnOom } : {}) };
  const task = { kind: "command" as const, name: "true", argv: ["true"], substitute: false };
  return { op: "open", submission, task, options };
}
