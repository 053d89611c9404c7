import { ownCosts } from "../../costs.ts";
import { SkyburstError } from "../../errors.ts";
import type { CommitHeader } from "../../protocol/commit.ts";
import { standForSupervisor } from "./candidacy.ts";
import type { FleetState } from "./fleet/fleet-state.ts";
import { LastWord } from "./last-word.ts";
import type { LastReason } from "./last-word.ts";
import { Launches } from "./launch/launches.ts";
import { RemainingWork } from "./work/remaining.ts";
import { Spending } from "./money/spending.ts";
import { SupervisorLease, supervisorPace } from "./supervisor-lease.ts";
import type { SupervisorOptions, TenureOptions } from "./supervisor-options.ts";
import type { TaskPace } from "./work/task-times.ts";
import { Tenure } from "./tenure.ts";

/**
 * How long stopping waits for the store to tell whether it may, and then for workers to be gone; the backend ends what does not leave by
 * itself before that. Milliseconds.
 */
const exitPatience = 15_000;

/**
 * Keeps the fleet of a session at the size that its work needs, and says in the store which workers are no more.
 *
 * States: candidate → supervising → (somebody took its place) candidate → … → left. A candidate waits until who supervises is
 * gone; what its own submissions need is then done by the other one.
 */
export class Supervisor {
  readonly #options: TenureOptions;
  readonly #stop = new AbortController();
  /** While it supervises. */
  #tenure: Tenure | undefined;
  /** From candidate to candidate, until it leaves. */
  readonly #standing: Promise<void>;
  #kind: "function" | "command" | undefined;
  /** It did at some time. */
  #supervised = false;
  #failure: SkyburstError | undefined;
  readonly #word: LastWord;

  constructor(options: SupervisorOptions) {
    const { facts, keys, runtime, view, backend, client, epoch } = options;
    const { ttl } = view.current.session;
    const { period } = supervisorPace(ttl);
    const costs = ownCosts(facts.store, backend, options.costs);
    this.#word = new LastWord(options);
    this.#options = {
      ...options,
      period,
      lease: new SupervisorLease({ facts, keys, runtime, ttl, client, epoch }),
      launches: new Launches(options),
      remaining: new RemainingWork(facts, keys, view, runtime),
      spending: new Spending({
        ...options,
        costs,
        least: period,
        minimumBilling: backend.capabilities.minimumBilling,
      }),
      kind: () => this.#kind,
      failed: (why) => this.#fail(why),
    };
    if (epoch !== undefined) this.#tenure = this.#begin();
    this.#standing = this.#serve().catch((error: unknown) => this.#fail(error));
  }

  /** Why no work is done and none will be; undefined while all is well. */
  get failure(): SkyburstError | undefined {
    return this.#failure;
  }

  /** It holds the lease, as far as it knows. */
  get supervises(): boolean {
    return this.#tenure !== undefined;
  }

  /** Workers that live, as far as this supervisor knows; none while it is a candidate. */
  get live(): number {
    return this.#tenure?.live ?? 0;
  }

  /** What is left to do. */
  get remaining(): RemainingWork {
    return this.#options.remaining;
  }

  /** What it says of its fleet; undefined while it is a candidate. */
  get state(): FleetState | undefined {
    return this.#tenure?.state;
  }

  /**
   * A submission begins. `count`: its inputs, when that is known; `kind`: what it runs; `pace`: how long its tasks take, as its submitter
   * says. Workers may start before any of them is stored.
   */
  expect(submission: string, count: number | undefined, kind: "function" | "command", pace?: TaskPace): void {
    this.#kind = kind;
    this.remaining.expect(submission, count, pace);
    this.#tenure?.expect();
  }

  /** The ledger has grown. */
  grown(): void {
    this.#tenure?.plan();
  }

  /** All outcomes of one more chunk are read. */
  finished(submission: string): void {
    this.remaining.finished(submission);
  }

  /** The submission needs no worker any more, as far as this client is concerned. */
  forget(submission: string): void {
    this.remaining.forget(submission);
  }

  /** A commit of the submission was read. */
  progressed(submission: string, commit: CommitHeader): void {
    this.remaining.progressed(submission, commit);
    this.#tenure?.progressed(commit);
  }

  /**
   * Supervises no more. Workers are stopped, and waited for, unless somebody else's submission has something left to do: then
   * they are left to themselves, and to the next supervisor.
   */
  async stop(): Promise<void> {
    const { runtime } = this.#options;
    const late = new AbortController();
    const judging = this.#judge();
    // Workers are asked to end though the store does not answer.
    const unknown = runtime.sleep(exitPatience, late.signal).then(() => undefined);
    const needed = await Promise.race([judging, unknown]);
    late.abort();
    if (!needed) await this.#tenure?.stopWorkers(exitPatience);
    // What was launched before anybody could tell, too.
    if (needed === undefined && !(await judging)) await this.#tenure?.stopWorkers(exitPatience);
    await this.#tenure?.leave();
  }

  /** Says that it closes. Whether others need the workers; where the store is no more, nobody has anything left to do. */
  async #judge(): Promise<boolean> {
    await this.#halt();
    return this.#say("closed").then(
      () => this.#othersNeed(),
      () => false,
    );
  }

  /** Supervises no more, and leaves the workers to themselves. Nothing is written by it any more but its last word. */
  async rest(): Promise<void> {
    const tenure = await this.#halt();
    await tenure?.leave();
  }

  /** {@link rest}, and says so. @param because What it says of itself. */
  async leave(because: "detached" | "over" = "detached"): Promise<void> {
    await this.rest();
    await this.#say(because);
  }

  /** What is under way comes to its end, and nothing more begins. */
  async #halt(): Promise<Tenure | undefined> {
    this.#stop.abort();
    await this.#standing;
    await this.#tenure?.rest();
    return this.#tenure;
  }

  /**
   * Its last word frees its place at once. Whoever comes then may count on what is in the ledger by now having been seen: it is
   * read again behind the word.
   */
  async #othersNeed(): Promise<boolean> {
    const { view } = this.#options;
    if (!this.#tenure) return true;
    await view.follow();
    const { paused, removed } = view.current;
    return !paused && !removed && this.remaining.othersNeed();
  }

  /** By who supervised, and by nobody else. */
  async #say(reason: LastReason): Promise<void> {
    const { view } = this.#options;
    if (!this.#supervised || view.lost || (view.current.removed && !(await this.#isAwaited(reason)))) return;
    await this.#word.say(reason, this.#failure);
  }

  /** Who removes a session waits for the word of who only keeps it, unless that was silent for long. Then all of it is deleted. */
  async #isAwaited(reason: LastReason): Promise<boolean> {
    const { facts, keys, lease } = this.#options;
    if (reason !== "over" || lease.held === undefined) return false;
    return (await facts.get(keys.supervisor(lease.held))) !== undefined;
  }

  #begin(): Tenure {
    this.#supervised = true;
    return new Tenure(this.#options);
  }

  async #serve(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#failure) {
      this.#tenure ??= await this.#campaign();
      await this.#tenure?.serve(signal);
      if (signal.aborted || this.#failure) return;
      // Somebody else holds the lease.
      const before = this.#tenure;
      this.#tenure = undefined;
      await before?.leave();
    }
  }

  /** undefined: it was told to end. */
  async #campaign(): Promise<Tenure | undefined> {
    const { signal } = this.#stop;
    if (!(await standForSupervisor(this.#options, signal))) return undefined;
    const tenure = this.#begin();
    await tenure.adopt(signal.aborted);
    return tenure;
  }

  /** Nothing helps any more: says so at once, to this client and to all others. */
  #fail(why: unknown): void {
    if (this.#failure || this.#stop.signal.aborted) return;
    this.#failure =
      why instanceof SkyburstError
        ? why
        : new SkyburstError("workers", `Workers on ${this.#options.backend.name} can't be kept: ${messageOf(why)}`, {
            cause: why,
          });
    // Nothing more is planned. Where even the word can't be written, the silence says it.
    Promise.all([this.#tenure?.rest(), this.#say("failed")]).catch(ignore);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ignore(): void {
  // Nobody waits.
}
