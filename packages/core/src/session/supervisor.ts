import { createHash } from "node:crypto";
import type { Backend, LaunchProgram, LaunchRequest, LaunchResult, WorkerSpec, WorkerStatus } from "../backend.ts";
import { SkyburstError } from "../errors.ts";
import { planFleet } from "../plan-fleet.ts";
import { jsonBody, parseJson } from "../protocol/lines.ts";
import { isRetryable, listAll } from "../protocol/facts.ts";
import type { Facts } from "../protocol/facts.ts";
import { parseBorn } from "../protocol/keys.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import { appendEntry } from "../protocol/read-ledger.ts";
import { workerArguments } from "../protocol/worker-arguments.ts";
import type { Runtime } from "../runtime.ts";
import type { LedgerView } from "./ledger-view.ts";

export interface SupervisorOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly backend: Backend;
  readonly spec: WorkerSpec;
  /** The wish. */
  readonly workers: number;
  readonly session: string;
  /** Client id, named as the owner of what it writes. */
  readonly client: string;
  readonly program: () => Promise<LaunchProgram>;
}

/** Launches in a row whose workers all ended before they worked, after which nobody expects the next to do better. */
const launchLimit = 3;

/**
 * Keeps the fleet of a session at the size that its work needs, and says in the store which workers are no more.
 *
 * A launch is three steps, each of which a successor can repeat: the fact, the provider's call with its token, the answer.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stop = new AbortController();
  /** Live workers by the provider's id. */
  readonly #live = new Map<string, { readonly launch: number; readonly slot: number }>();
  readonly #ended = new Set<string>();
  #kind: "function" | "command" = "function";
  #launch = 0;
  #failures = 0;
  #lastLaunch = Number.NEGATIVE_INFINITY;
  /** What this client's submissions still have to do. */
  readonly #work = new Map<string, { count: number | undefined; finished: number }>();
  #failure: SkyburstError | undefined;
  #planning: Promise<void> = Promise.resolve();
  #watching: Promise<void> | undefined;
  #deaths = 0;
  /** When the earliest look is due that time alone brings. */
  #nextPlan = Number.POSITIVE_INFINITY;
  #cancelPlan: () => void = ignore;
  /** Looks in a row in which a live worker was not listed. */
  #missed: ReadonlyMap<string, number> = new Map();
  #stopping = false;
  #whenEmpty: () => void = ignore;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Why no work is done and none will be; undefined while all is well. */
  get failure(): SkyburstError | undefined {
    return this.#failure;
  }

  get live(): number {
    return this.#live.size;
  }

  /** A submission begins. `count`: its inputs, when that is known; `kind`: what it runs. Workers may start before any of them is stored. */
  expect(submission: string, count: number | undefined, kind: "function" | "command"): void {
    this.#kind = kind;
    this.#work.set(submission, { count, finished: 0 });
    this.#plan();
  }

  /** The ledger has grown. */
  grown(): void {
    this.#plan();
  }

  /** All outcomes of one more chunk are read. */
  finished(submission: string): void {
    const work = this.#work.get(submission);
    if (work) work.finished++;
  }

  /** The submission needs no worker any more. */
  forget(submission: string): void {
    this.#work.delete(submission);
  }

  /** Chunks left, as far as is known, and whether there may be more. */
  #left(): { readonly chunks: number; readonly open: boolean } {
    let chunks = 0;
    let open = false;
    const { submissions, segments } = this.#options.view.current;
    for (const [id, { count, finished }] of this.#work) {
      const place = submissions.findIndex((submission) => submission.id === id);
      if (submissions[place]?.ended !== true) {
        // Before they are cut, no chunk has less than one input.
        if (count === undefined) open = true;
        chunks += count ?? 0;
        continue;
      }
      for (const row of segments) if (row.submission === place) chunks += Math.ceil(row.count / row.chunk);
      chunks -= finished;
    }
    return { chunks, open };
  }

  /** Outcomes came in: what died before was not the work's fault alone. */
  progressed(succeeded: boolean): void {
    this.#failures = 0;
    if (succeeded) this.#deaths = 0;
  }

  /** Stops all workers of the session that this client launched, waits until they are gone, and supervises no more. */
  async stop(): Promise<void> {
    const { backend, runtime } = this.#options;
    this.#stopping = true;
    await this.#planning;
    if (this.#live.size > 0) {
      // Before anything is awaited: the last worker may end while the provider takes the calls.
      const emptied = this.#emptied();
      await this.#persist(() => backend.stop([...this.#live.keys()]));
      const late = new AbortController();
      await Promise.race([emptied, this.#watching, runtime.sleep(exitPatience, late.signal)]);
      late.abort();
    }
    await this.leave();
  }

  #emptied(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  /** Leaves the workers to themselves. */
  async leave(): Promise<void> {
    this.#stopping = true;
    this.#stop.abort();
    this.#cancelPlan();
    await this.#planning;
    await this.#watching;
  }

  #plan(): void {
    this.#planning = this.#planning.then(() => this.#planOnce()).catch((error: unknown) => this.#fail(error));
  }

  async #planOnce(): Promise<void> {
    const { backend, workers, spec, runtime } = this.#options;
    if (this.#stopping || this.#failure || this.#options.view.current.paused) return;
    const plan = planFleet(
      {
        ...this.#left(),
        live: [...this.#live.keys()],
        slots: spec.slots ?? backend.capabilities.slots,
        capacity: undefined,
        failures: this.#failures,
        sinceLaunch: runtime.monotonic() - this.#lastLaunch,
      },
      { workers, maxWorkers: backend.capabilities.maxWorkers },
    );
    if (plan.stop.length > 0) await this.#persist(() => backend.stop(plan.stop));
    if (plan.launch > 0 && !(await this.#isOver())) await this.#launchWave(plan.launch, plan.because);
    if (plan.again !== undefined) this.#planAfter(plan.again);
  }

  /** Workers that left because all is done are not replaced, though their outcomes may not be collected yet. */
  async #isOver(): Promise<boolean> {
    if (this.#launch === 0) return false;
    const { facts, keys, view } = this.#options;
    return (await facts.get(keys.over(view.current.rev))) !== undefined;
  }

  /** One wait at a time, the shortest: what it brings decides again when to look next. */
  #planAfter(ms: number): void {
    const { runtime } = this.#options;
    const at = runtime.monotonic() + ms;
    if (this.#stopping || this.#nextPlan <= at) return;
    this.#cancelPlan();
    this.#nextPlan = at;
    this.#cancelPlan = runtime.timer(ms, () => {
      this.#nextPlan = Number.POSITIVE_INFINITY;
      this.#plan();
    });
  }

  async #launchWave(count: number, because: string): Promise<void> {
    const { facts, keys, session, backend, spec, runtime, client } = this.#options;
    const n = this.#launch;
    const token = tokenOf(session, n);
    const fact = jsonBody({ v: 1, count, token, because, by: client });
    if (!(await facts.create(keys.launch(n), fact))) {
      // Somebody else decided this launch: go on behind it.
      this.#launch++;
      return this.#plan();
    }
    this.#launch++;
    this.#lastLaunch = runtime.monotonic();
    this.#watching ??= this.#watch();
    const request: LaunchRequest = {
      sessionId: session,
      launch: n,
      token,
      slots: Array.from({ length: count }, (_, slot) => slot),
      spec,
      program: await this.#options.program(),
      args: await this.#arguments(n),
    };
    const result = await this.#persist(() => backend.launch(request));
    for (const { slot, id } of result.started) if (!this.#ended.has(id)) this.#live.set(id, { launch: n, slot });
    await facts.create(keys.launched(n), jsonBody({ v: 1, started: result.started, refused: result.refused }));
    this.#judge(result);
  }

  async #arguments(launch: number): Promise<string[]> {
    const { session, facts, workers, backend, view, spec, program } = this.#options;
    const { sha256 } = await program();
    const planned = Math.min(workers, backend.capabilities.maxWorkers);
    return workerArguments({
      session,
      store: facts.store.reference,
      program: sha256,
      launch,
      workers: planned,
      rev: view.current.rev,
      slots: spec.slots,
      warm: this.#kind,
    });
  }

  #judge({ started, refused }: LaunchResult): void {
    const refusal = refused[0];
    if (!refusal) return;
    if (
      started.length === 0 &&
      this.#live.size === 0 &&
      (refusal.kind === "option" || refusal.kind === "permission" || refusal.kind === "image")
    ) {
      this.#failure = new SkyburstError(
        "workers",
        `No worker can be started on ${this.#options.backend.name}: ${refusal.message}`,
      );
      return;
    }
    this.#failures++;
    this.#planAfter(refusal.retryAfter ?? firstRetry * 2 ** Math.min(this.#failures, 8));
  }

  /** Learns of ended workers as soon as the provider tells, and frees what they held. */
  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    try {
      await this.#persist(() => this.#observeAll(signal));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  async #observeAll(signal: AbortSignal): Promise<void> {
    const { backend, session, runtime, facts } = this.#options;
    if (backend.watch) {
      for await (const statuses of backend.watch(session, { signal })) await this.#observe(statuses);
      return;
    }
    while (!signal.aborted) {
      await runtime.sleep(Math.min(15_000, facts.store.pace.ttl / 4), signal);
      if (signal.aborted) return;
      const before = new Map(this.#live);
      const statuses = await this.#persist(() => backend.list(session, { signal }));
      await this.#observe([...statuses, ...this.#forgotten(before, statuses)]);
    }
  }

  /** Workers that the provider no longer lists: some keep what ended for a short while only. One look may just lag behind. */
  #forgotten(
    before: ReadonlyMap<string, { readonly launch: number; readonly slot: number }>,
    statuses: readonly WorkerStatus[],
  ): WorkerStatus[] {
    const listed = new Set(statuses.map(({ id }) => id));
    const missing = [...before].filter(([id]) => !listed.has(id));
    this.#missed = new Map(missing.map(([id]) => [id, (this.#missed.get(id) ?? 0) + 1]));
    return missing
      .filter(([id]) => (this.#missed.get(id) ?? 0) >= mostMissed)
      .map(([id, { launch, slot }]) => ({ id, launch, slot, state: "exited" as const }));
  }

  /** What the provider can't do now is asked for again, a launch with the same token. */
  async #persist<T>(call: () => Promise<T>): Promise<T> {
    const { runtime } = this.#options;
    const { signal } = this.#stop;
    for (let tries = 1; ; tries++) {
      const began = runtime.monotonic();
      try {
        return await call();
      } catch (error) {
        if (!isRetryable(error) || tries === mostTries || signal.aborted) throw error;
        // A watch that went well for so long fails for the first time.
        if (runtime.monotonic() - began > longestRetry) tries = 1;
        await runtime.sleep(Math.min(firstRetry * 2 ** tries, longestRetry), signal);
      }
    }
  }

  async #observe(statuses: readonly WorkerStatus[]): Promise<void> {
    let lost = false;
    for (const status of statuses) {
      if (status.state !== "exited" || this.#ended.has(status.id)) continue;
      this.#ended.add(status.id);
      this.#live.delete(status.id);
      lost = true;
      // Who ended by itself has said so: that is its last act.
      if (status.exit?.reason !== "done") await this.#bury(status);
    }
    if (this.#live.size === 0) this.#whenEmpty();
    if (lost) this.#plan();
  }

  /** Declares every life of an ended process gone, so that its leases are free at once. */
  async #bury({ id, launch, slot, exit }: WorkerStatus): Promise<void> {
    const { facts, keys, client } = this.#options;
    const reason = exit?.reason ?? "lost";
    const cause = reason === "error" ? "crash" : reason;
    let lives = 0;
    const prefix = keys.births;
    for (const { key } of (await listAll(facts, prefix)).entries) {
      const born = parseBorn(key.slice(prefix.length));
      if (born.n !== launch || born.j !== slot) continue;
      lives++;
      const bytes = await facts.get(key);
      if (!bytes) continue;
      const { incarnation } = parseJson(bytes) as { incarnation: string };
      await facts.create(
        keys.gone(incarnation),
        jsonBody({ v: 1, reason: cause, code: exit?.code ?? exit?.signal ?? null, by: client }),
      );
    }
    if (cause === "crash" || cause === "oom") await this.#countDeath(id, lives);
  }

  async #countDeath(id: string, lives: number): Promise<void> {
    const { backend, view } = this.#options;
    this.#deaths++;
    if (lives === 0) {
      this.#failures++;
      if (this.#failures < launchLimit) return;
      const said = (await backend.logs?.(id))?.trim();
      this.#failure = new SkyburstError(
        "workers",
        `Workers on ${backend.name} end before they work.${said ? ` The last one said: ${said.slice(-2000)}` : ""}`,
      );
      return;
    }
    const { crashBudget } = view.current.session;
    if (this.#deaths < crashBudget) return;
    await this.#pause(`${this.#deaths} workers in a row died without one success`);
  }

  async #pause(message: string): Promise<void> {
    const { facts, keys, view, client } = this.#options;
    const writing = {
      actor: client,
      ordinal: 1 + this.#launch,
      operations: [{ op: "pause" as const, because: "crashes" as const, message }],
    };
    const { ledger } = await appendEntry(facts, keys, view.current, writing, (current) => !current.paused);
    view.advance(ledger);
  }

  #fail(error: unknown): void {
    this.#failure ??=
      error instanceof SkyburstError
        ? error
        : new SkyburstError("workers", `Workers on ${this.#options.backend.name} can't be kept: ${messageOf(error)}`, {
            cause: error,
          });
  }
}

/** How long stopping waits for workers to be gone; the backend ends what does not leave by itself before that. Milliseconds. */
const exitPatience = 15_000;

function ignore(): void {
  // Nobody waits.
}

/** Looks in a row from which a worker has to be missing to be taken for lost. */
const mostMissed = 3;

/** Calls of the provider that fail in a row, of the kind that waiting can help: a minute or two of it is an outage. */
const mostTries = 8;
const longestRetry = 60_000;

/** Wait after a refusal that does not say how long, in milliseconds; doubled each time. */
const firstRetry = 250;

/** The same for a repeated launch, and within what every provider takes as a token. */
function tokenOf(session: string, launch: number): string {
  return createHash("sha256").update(`${session}/${launch}`).digest("hex").slice(0, 32);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
