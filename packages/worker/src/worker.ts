import {
  appendEntry,
  claimNext,
  deadlinePause,
  followLedger,
  grantsOf,
  hasNextTurn,
  idleEnd,
  joinLedger,
  limitReached,
  sessionKeys,
  Spares,
  stateOf,
  untilLimit,
} from "@skyburst/core/protocol";
import type { Claimer, Facts, Ledger, Proposal, Runtime, SessionKeys, Turn } from "@skyburst/core/protocol";
import { Departure, patience } from "./departure.ts";
import { Existence } from "./existence.ts";
import { Finder } from "./finder.ts";
import { beat } from "./heartbeat.ts";
import { Held } from "./held.ts";
import { Incarnation } from "./incarnation.ts";
import { Inputs } from "./inputs.ts";
import { LogWriter } from "./log/log-writer.ts";
import { firstLookAfter, idleWait, longestFollow, longestLook, lookInterval } from "./pace.ts";
import { Shortage } from "./memory/shortage.ts";
import { SlotPool } from "./slot-pool.ts";
import { Stops } from "./stops.ts";
import { StoreClock } from "./store-clock.ts";
import { TurnRun } from "./turn-run.ts";
import type { TurnHost } from "./turn-run.ts";
import type { Mask } from "./secrets/mask.ts";
import type { Slots } from "./slot.ts";
import { fillVacancy } from "./vacancy.ts";
import { WorkDone } from "./work-done.ts";

export interface WorkerOptions {
  readonly facts: Facts;
  readonly runtime: Runtime;
  readonly slots: Slots;
  /** Where memory of what is stored goes for further use. Default: its own. */
  readonly spares?: Spares | undefined;
  /** What must not be seen of what tasks print and throw. Default: nothing. */
  readonly mask?: Mask | undefined;
  readonly session: string;
  /** Launch and slot of the launch. */
  readonly launch: number;
  readonly slot: number;
  /** Planned size of the fleet, which sets the own stripe. */
  readonly workers: number;
  /** The ledger entry to begin at: one that is there, or the next one, which is about to be. */
  readonly rev: number;
  /** Store time when that was the newest, in milliseconds. Default: nobody knows. */
  readonly at?: number | undefined;
  /** Fires when the worker has to leave: SIGTERM, a spot notice. */
  readonly signal: AbortSignal;
  /** Time that tasks get to finish after `signal`, in milliseconds. */
  readonly grace: number;
  /** Bytes that it has. Default: nobody has set it a limit. */
  readonly memory?: number | undefined;
  /** Told once, when the store answers and has the session. */
  readonly opened?: (() => void) | undefined;
  /** Starts a process that supervises, where workers may launch others. Default: they may not. */
  readonly standIn?: (() => void) | undefined;
}

/**
 * Why the worker ended. `paused`: a limit of its session. `memory`: what it found needs more than it has. `surplus`: another process of
 * the same launch is this worker.
 */
export type WorkerEnd = "over" | "idle" | "memory" | "paused" | "stopped" | "surplus";

/** Longest wait between two looks whether a create of our own was answered, in milliseconds. */
const settleWait = 25;

/**
 * One worker of a session: leases chunks, runs them, commits.
 *
 * States: born → working ⇄ idle → leaving → gone. At a limit of its session, it stops what it runs before it leaves. An
 * incarnation that was declared gone, or left too early, is followed by another of the same process, with an id of its own.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #keys: SessionKeys;
  readonly #clock: StoreClock;
  readonly #existence: Existence;
  readonly #incarnation: Incarnation;
  readonly #inputs: Inputs;
  readonly #heard = (rev: number, body: Uint8Array) => this.#inputs.heard(rev, body);
  readonly #pool: SlotPool;
  readonly #logs: LogWriter;
  readonly #stops = new Stops();
  readonly #spares: Spares;
  readonly #held: Held;
  readonly #done = new WorkDone();
  readonly #shortage = new Shortage();
  #finder: Finder | undefined;
  #departure: Departure | undefined;
  #ledger: Ledger | undefined;
  #looks = 0;
  #follows = 0;
  #nextLook = 0;
  #nextFollow = 0;
  /** The next one was due, and waits for the end of what runs. */
  #postponed = false;
  #idleSince: number | undefined;
  #wake: () => void = ignore;
  #woken = false;
  #failure: { readonly error: unknown } | undefined;
  /** Entries that this process wrote. */
  #entries = 0;
  /** Nothing starts any more. */
  #draining = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#spares = options.spares ?? new Spares();
    this.#keys = sessionKeys(options.session);
    this.#clock = new StoreClock(options.facts, options.runtime);
    this.#existence = new Existence(options.facts, this.#keys, options.runtime);
    const { facts, runtime, launch, slot, slots, mask } = options;
    this.#incarnation = new Incarnation({ facts, keys: this.#keys, runtime, launch, slot, work: this.#done });
    this.#inputs = new Inputs(facts, this.#keys);
    this.#pool = new SlotPool(slots, runtime, this.#done, () => this.wake());
    this.#held = new Held(this.#pool);
    this.#logs = new LogWriter({
      facts,
      keys: this.#keys,
      runtime,
      mask,
      ttl: () => this.#current().session.ttl,
      storeNow: () => this.#clock.now(),
      failed: (error) => this.#failed(error),
    });
  }

  /** Incarnation of this life. */
  get id(): string {
    return this.#incarnation.id;
  }

  /** Runs until there is nothing left to do. Rejects when the session cannot be worked on at all. */
  async run(): Promise<WorkerEnd> {
    const { signal } = this.#options;
    const onAbort = () => this.wake();
    signal.addEventListener("abort", onAbort, { once: true });
    const over = new AbortController();
    try {
      if (!(await this.#incarnation.begin())) return "surplus";
      const ledger = await joinLedger(this.#options.facts, this.#keys, this.#options.rev, this.#heard);
      if (!ledger) throw new Error(`There is no session ${this.#options.session} in this store.`);
      this.#options.opened?.();
      this.#ledger = ledger;
      this.#prepare(ledger, 0);
      const { ttl } = ledger.session;
      const { facts, runtime } = this.#options;
      this.#finder = this.#newFinder(ttl);
      this.#departure = new Departure({ facts, keys: this.#keys, finder: this.#finder });
      await this.#clock.read();
      this.#nextFollow = runtime.monotonic() + this.#untilFirstFollow(ledger);
      const beating = {
        facts,
        keys: this.#keys,
        runtime,
        incarnation: this.#incarnation,
        held: this.#held,
        work: this.#done,
        ttl,
      };
      void beat(beating, over.signal).catch((error: unknown) => this.#failed(error));
      this.#attend(ttl, over.signal);
      return await this.#work();
    } finally {
      over.abort();
      this.#logs.close();
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** What it has read is no older than what a worker knows that looks now and then; who came before there was work is about to hear of some. */
  #untilFirstFollow({ chunks }: Ledger): number {
    const { at = Number.NEGATIVE_INFINITY, facts } = this.#options;
    return chunks === 0 ? 0 : Math.max(0, lookInterval(facts.store.pace) - Math.max(0, this.#clock.now() - at));
  }

  /** Where workers may, sees to it that somebody supervises. */
  #attend(ttl: number, signal: AbortSignal): void {
    const { facts, runtime, standIn, signal: leaving } = this.#options;
    if (!standIn) return;
    const ledger = () => this.#current();
    // Who is told to leave is so by somebody who sees to the rest, or wants nobody to stay.
    const isNeeded = () => !leaving.aborted && this.#finder?.allFinished(ledger()) === false;
    const vacancy = { facts, keys: this.#keys, runtime, ttl, ledger, isNeeded, start: standIn };
    fillVacancy(vacancy, signal).catch((error: unknown) => this.#failed(error));
  }

  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  async #work(): Promise<WorkerEnd> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      if (this.#options.signal.aborted) {
        await this.#drain();
        await this.#leave("stopped");
        return "stopped";
      }
      await this.#look();
      if (await this.#atLimit()) {
        const judged = this.#current();
        await this.#drain();
        if (await this.#leave("paused", judged)) return "paused";
        continue;
      }
      await this.#dispatch();
      if (await this.#claim()) continue;
      this.#pool.balance();
      const end = await this.#restOrLeave();
      if (end) return end;
    }
  }

  /** Reads what others said since: the ledger's next entry. */
  async #look(): Promise<void> {
    const { facts, runtime } = this.#options;
    const now = runtime.monotonic();
    if (now < this.#nextFollow || this.#awaitsEnd(now)) return;
    const { store } = facts;
    const idle = this.#held.runs.size === 0 && !this.#waitsForOthers();
    const wait = idle
      ? idleWait(this.#follows, store.pace.poll[0], longestFollow(store.pace, this.#follows++), 2)
      : lookInterval(store.pace);
    this.#nextFollow = now + wait;
    this.#postponed = false;
    await this.#follow();
    await this.#existence.check(this.#current());
    await this.#clock.read();
    for (const run of this.#held.runs) run.tick();
  }

  /** What it runs ends soon: then it asks, before it leases anew. Once between two looks, and for no longer than they are apart. */
  #awaitsEnd(now: number): boolean {
    const most = lookInterval(this.#options.facts.store.pace);
    if (this.#postponed || this.#draining || this.#held.untilEnd() > most) return false;
    this.#postponed = this.#held.runs.size > 0;
    if (this.#postponed) this.#nextFollow = now + most;
    return this.#postponed;
  }

  /** All that will come is there, and others run it: there is nothing to be quick for. */
  #waitsForOthers(): boolean {
    const ledger = this.#current();
    return stateOf(ledger) === "ended" && this.#finder?.allFinished(ledger) === false;
  }

  /** Whether a limit ends this worker's work. Of a deadline that nobody spoke of yet, it speaks. */
  async #atLimit(): Promise<boolean> {
    const limit = this.#limit();
    if (limit === "deadline") await this.#propose(deadlinePause(this.#current(), () => this.#clock.now()));
    return limit !== undefined && this.#limit() !== undefined;
  }

  #limit() {
    const ledger = this.#current();
    // Where nothing is left to do there is nothing to stop.
    return this.#isDone(ledger) ? undefined : limitReached(ledger, this.#clock.now());
  }

  #isDone(ledger: Ledger): boolean {
    return stateOf(ledger) !== "open" && this.#finder?.allFinished(ledger) === true;
  }

  async #propose({ operations, admissible }: Proposal): Promise<void> {
    const before = this.#current();
    const writing = { actor: this.#incarnation.id, ordinal: this.#entries, operations };
    const { ledger, written } = await appendEntry(this.#options.facts, this.#keys, before, writing, admissible);
    if (written) this.#entries++;
    this.#take(before, ledger);
  }

  async #follow(): Promise<void> {
    const before = this.#current();
    this.#take(before, await followLedger(this.#options.facts, this.#keys, before, this.#heard));
  }

  #take(before: Ledger, ledger: Ledger): void {
    if (ledger === before) return;
    this.#ledger = ledger;
    this.#prepare(ledger, before.submissions.length);
    this.#looks = 0;
    this.#follows = 0;
    this.#nextLook = 0;
    this.#idleSince = undefined;
    for (const run of this.#held.runs) this.#held.heed(run, ledger);
  }

  #prepare(ledger: Ledger, from: number): void {
    // Of a long session the older maps are most likely over.
    for (const submission of ledger.submissions.slice(Math.max(from, ledger.submissions.length - 4))) {
      // What is over for everybody needs no program.
      if (!submission.cancelled && !(submission.ended && submission.tasks === 0))
        this.#options.slots.prepare(submission);
    }
  }

  /** Gives slots that have room their next assignments. */
  async #dispatch(): Promise<void> {
    for (const number of this.#pool.inNeed()) {
      while (this.#pool.hasRoom(number)) {
        if (!(await this.#assign(number))) return;
      }
    }
  }

  async #assign(number: number): Promise<boolean> {
    for (const run of this.#held.startable()) {
      const handout = await run.next(this.#pool.most(run.turn.chunk.submission));
      if (!handout) continue;
      this.#pool
        .run(number, handout)
        .then(() => this.wake())
        .catch((error: unknown) => this.#failed(error));
      return true;
    }
    return false;
  }

  /** Leases more when slots would run dry. true: something was leased. */
  async #claim(): Promise<boolean> {
    const { runtime, facts } = this.#options;
    const want = this.#held.appetite();
    if (want === 0 || !this.#incarnation.lives || facts.unsettled > 0 || runtime.monotonic() < this.#nextLook)
      return false;
    const ledger = this.#current();
    if (ledger.paused || ledger.removed || !this.#finder || this.#finder.allFinished(ledger)) return false;
    if (this.#looks > 0 && (await this.#departure?.isOver(ledger))) return false;
    const turns = this.#finder.leavesLook(ledger) ? [] : await this.#find(ledger, want);
    for (const turn of turns) await this.#start(turn);
    if (turns.length > 0) {
      this.#shortage.clear();
      this.#looks = 0;
      this.#follows = 0;
      this.#idleSince = undefined;
      return true;
    }
    const { poll } = facts.store.pace;
    const longest = longestLook(facts.store.pace, this.#looks);
    // Each at a time of its own: of a crowd that ran dry at once the first one sees that all is over, and says so.
    const first = poll[0] * firstLookAfter(this.#options.workers) * (0.5 + runtime.random());
    this.#nextLook = runtime.monotonic() + idleWait(this.#looks, first, longest, 2);
    // Then others may have said that all is over, and nothing else needs to be heard before that.
    if (this.#looks++ === 0 && this.#waitsForOthers())
      this.#nextFollow = Math.max(this.#nextFollow, this.#nextLook + poll[0]);
    // Nobody is waited for any more, but the next map of an open session.
    if (this.#finder.allFinished(ledger)) this.#nextFollow = Math.min(this.#nextFollow, runtime.monotonic() + poll[0]);
    return false;
  }

  async #find(ledger: Ledger, want: number): Promise<Turn[]> {
    this.#shortage.look();
    const claimer = this.#claimer(ledger, ({ number }, memory) => this.#shortage.add(number, memory));
    return (await this.#finder?.find(claimer, ledger, want, (chunk) => this.#held.has(chunk))) ?? [];
  }

  async #start(turn: Turn): Promise<void> {
    const inputs = await this.#inputs.of(turn.chunk);
    const run = new TurnRun(this.#host(), turn, inputs);
    this.#held.add(run);
    this.#held.heed(run, this.#current());
    // Leased while the notice came: nothing of it starts any more.
    if (this.#draining || this.#options.signal.aborted) run.leave(false);
    run.ended
      .then((end) => {
        this.#held.delete(run);
        if (end === "superseded") return this.#checkGone();
        return this.#afterTurn(run.turn);
      })
      .catch((error: unknown) => this.#failed(error));
    run.tick();
  }

  /** The owner of a turn knows first whether there is a next one. */
  async #afterTurn(turn: Turn): Promise<void> {
    const { summary, chunk } = turn;
    const ledger = this.#current();
    if (summary && !hasNextTurn(chunk, summary, grantsOf(ledger, chunk))) this.#finder?.finish(chunk);
    else if (summary && this.#mayGoOn(ledger)) {
      await this.#held.across(chunk, async () => {
        // Left to others: is there anything else?
        const claimer = this.#claimer(ledger, () => (this.#nextLook = 0));
        const next = await claimNext(claimer, chunk, turn.id, summary);
        if (next) await this.#start(next);
      });
    }
    // With nothing left to run, what others said meanwhile is all there is to wait for.
    const dry = this.#held.runs.size === 0;
    if (dry ? !this.#waitsForOthers() : this.#postponed) this.#nextFollow = 0;
    this.wake();
  }

  #mayGoOn({ removed }: Ledger): boolean {
    const stopping = this.#draining || this.#options.signal.aborted || this.#limit() !== undefined;
    return this.#incarnation.lives && !stopping && removed !== true;
  }

  /** Waits for the next thing to happen, or ends this life. */
  async #restOrLeave(): Promise<WorkerEnd | undefined> {
    const { runtime } = this.#options;
    if (this.#incarnation.lives && this.#held.nothing) {
      this.#idleSince ??= runtime.monotonic();
      const ledger = this.#current();
      const needs = this.#shortage.needed(this.#finder?.seesAll(ledger) === true);
      if (needs !== undefined) return (await this.#leave("memory", ledger, needs)) ? "memory" : undefined;
      const idle = { ledger, id: this.id, time: runtime.monotonic() - this.#idleSince };
      const reason = await this.#departure?.reason(idle);
      if (reason === "silence") {
        await this.#propose(idleEnd(ledger));
        return undefined;
      }
      if (reason) return (await this.#leave(reason)) ? reason : undefined;
    }
    await this.#sleep();
    return undefined;
  }

  /** The last act of this life. false: the ledger has grown since it was judged by, and another life begins. */
  async #leave(reason: WorkerEnd, judged = this.#current(), needs?: number): Promise<boolean> {
    await this.#incarnation.end(reason, needs);
    if (reason === "stopped") return true;
    await this.#follow();
    if (this.#current() === judged) return true;
    await this.#incarnation.again();
    this.#shortage.clear();
    this.#idleSince = undefined;
    this.#nextLook = 0;
    return false;
  }

  /** After a commit that a later owner won: declared gone, this process goes on under a new id only. */
  async #checkGone(): Promise<void> {
    if (await this.#incarnation.isGone()) {
      await this.#incarnation.again(() => {
        for (const run of this.#held.runs) run.leave(true);
      });
    }
    this.wake();
  }

  /** Start nothing, finish what fits into the grace time, commit with the rest carried over. */
  async #drain(): Promise<void> {
    this.#draining = true;
    try {
      await this.#giveBack();
    } finally {
      this.#draining = false;
    }
  }

  async #giveBack(): Promise<void> {
    const { runtime, grace } = this.#options;
    // Tasks that are told to stop have a grace time of their own: up to half of ours is theirs.
    const asked = Math.max(0, ...[...this.#held.runs].map((run) => run.turn.chunk.submission.options.grace));
    const end = runtime.monotonic() + grace - Math.min(asked, grace / 2);
    for (const run of this.#held.runs) run.leave(false);
    while (this.#held.runs.size > 0) {
      if (this.#failure) throw this.#failure.error;
      if (runtime.monotonic() >= end) for (const run of this.#held.runs) run.leave(true);
      // A long grace time is no reason to look dead.
      await this.#look();
      const left = end - runtime.monotonic();
      await this.#sleep(left > 0 ? left : Number.POSITIVE_INFINITY);
    }
  }

  /** @param most Milliseconds after which something else is due. */
  async #sleep(most = Number.POSITIVE_INFINITY): Promise<void> {
    const { runtime } = this.#options;
    if (this.#woken) {
      this.#woken = false;
      return;
    }
    const waits = [
      most,
      this.#untilLook(),
      this.#untilStart(),
      this.#untilClaim(),
      this.#untilIdle(),
      this.#untilLimit(),
    ];
    await new Promise<void>((resolve) => {
      // Whole milliseconds, as timers have them: one that is rounded down rings before anything is due.
      const cancel = runtime.timer(Math.max(1, Math.ceil(Math.min(...waits))), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = ignore;
    this.#woken = false;
  }

  /** A worker at work wakes often, and looks when it does: to wake for that alone costs its tasks more than a look that comes a little later. */
  #untilLook(): number {
    const { runtime, facts } = this.#options;
    const slack = this.#held.runs.size > 0 ? Math.min(50, lookInterval(facts.store.pace) / 2) : 0;
    return this.#nextFollow + slack - runtime.monotonic();
  }

  /** What ends wakes by itself: this is for what comes with time alone. */
  #untilStart(): number {
    const room = this.#pool.untilRoom();
    return room > 0
      ? room
      : Math.min(...[...this.#held.startable()].map((run) => run.wait() ?? Number.POSITIVE_INFINITY));
  }

  #untilClaim(): number {
    const { facts, runtime } = this.#options;
    const ledger = this.#current();
    if (
      this.#draining ||
      !this.#incarnation.lives ||
      ledger.paused ||
      ledger.removed ||
      this.#held.appetite() === 0 ||
      this.#finder?.allFinished(ledger)
    )
      return Number.POSITIVE_INFINITY;
    const wait = this.#nextLook - runtime.monotonic();
    // A create that is on its way says nothing here when it is answered.
    return facts.unsettled > 0 ? Math.max(wait, Math.min(facts.store.pace.poll[0], settleWait)) : wait;
  }

  /** Until an idle worker has stayed long enough. */
  #untilIdle(): number {
    if (this.#idleSince === undefined) return Number.POSITIVE_INFINITY;
    const ledger = this.#current();
    const stay = patience(ledger.session, stateOf(ledger) === "open");
    const left = this.#idleSince + stay - this.#options.runtime.monotonic();
    return left > 0 ? left : Number.POSITIVE_INFINITY;
  }

  #untilLimit(): number {
    const ledger = this.#current();
    if (this.#draining || this.#isDone(ledger)) return Number.POSITIVE_INFINITY;
    return untilLimit(ledger, this.#clock.now());
  }

  #failed(error: unknown): void {
    this.#failure ??= { error };
    for (const run of this.#held.runs) run.abandon();
    this.wake();
  }

  #claimer(ledger: Ledger, lacks: NonNullable<Claimer["lacks"]>): Claimer {
    return {
      facts: this.#options.facts,
      keys: this.#keys,
      owner: this.#incarnation.id,
      commitInterval: ledger.session.commitInterval,
      grants: (chunk) => grantsOf(this.#current(), chunk),
      seconds: (chunk) => this.#pool.seconds(chunk.submission),
      bytes: (chunk) => this.#pool.bytes(chunk.submission),
      memory: this.#options.memory,
      lacks,
      isStopped: () => this.#current().removed === true || this.#limit() !== undefined,
    };
  }

  #host(): TurnHost {
    const { facts, runtime } = this.#options;
    return {
      session: this.#options.session,
      facts,
      keys: this.#keys,
      logs: this.#logs,
      stops: this.#stops,
      spares: this.#spares,
      work: this.#done,
      mask: this.#options.mask,
      commitInterval: this.#current().session.commitInterval,
      memory: this.#options.memory,
      monotonic: () => runtime.monotonic(),
      storeNow: () => this.#clock.now(),
      wake: () => this.wake(),
      failed: (error) => this.#failed(error),
    };
  }

  #newFinder(ttl: number): Finder {
    const { facts, runtime, slot, workers } = this.#options;
    const isOver = async (ledger: Ledger) => (await this.#departure?.isOver(ledger)) === true;
    return new Finder({ facts, keys: this.#keys, runtime, ttl, slot, workers, isOver });
  }

  #current(): Ledger {
    if (!this.#ledger) throw new Error("The worker has not read the ledger yet.");
    return this.#ledger;
  }
}

function ignore(): void {
  // A hint that was not written is not missed, and nobody waits.
}
