import {
  appendEntry,
  cancelledIn,
  claimNext,
  deadlinePause,
  followLedger,
  grantsOf,
  hasNextTurn,
  idleEnd,
  jsonBody,
  limitReached,
  listAll,
  readLedger,
  sessionKeys,
  Spares,
  stateOf,
  untilLimit,
} from "@skyburst/core/protocol";
import type { Chunk, Claimer, Facts, Ledger, Proposal, Runtime, SessionKeys, Turn } from "@skyburst/core/protocol";
import { Finder } from "./finder.ts";
import { Incarnation } from "./incarnation.ts";
import { Inputs } from "./inputs.ts";
import { aheadSeconds, many, idleWait, longestFollow, longestLook, lookInterval, mostInFlight } from "./pace.ts";
import { SlotPool } from "./slot-pool.ts";
import { Stops } from "./stops.ts";
import { StoreClock } from "./store-clock.ts";
import { TurnRun } from "./turn-run.ts";
import type { TurnHost } from "./turn-run.ts";
import type { Slots } from "./slot.ts";

export interface WorkerOptions {
  readonly facts: Facts;
  readonly runtime: Runtime;
  readonly slots: Slots;
  /** Where memory of what is stored goes for further use. Default: its own. */
  readonly spares?: Spares | undefined;
  readonly session: string;
  /** Launch and slot of the launch. */
  readonly launch: number;
  readonly slot: number;
  /** Planned size of the fleet, which sets the own stripe. */
  readonly workers: number;
  /** A ledger entry that is known to exist. */
  readonly rev: number;
  /** Fires when the worker has to leave: SIGTERM, a spot notice. */
  readonly signal: AbortSignal;
  /** Time that tasks get to finish after `signal`, in milliseconds. */
  readonly grace: number;
}

/** Why the worker ended. `paused`: a limit of its session. `surplus`: another process of the same launch is this worker. */
export type WorkerEnd = "over" | "idle" | "paused" | "stopped" | "surplus";

/** How long a worker without work stays in a session to which more may come, at least, in milliseconds. */
const openPatience = 30_000;

/** Longest wait between two looks whether a create of our own was answered, in milliseconds. */
const settleWait = 25;

/**
 * One worker of a session: leases chunks, runs them, commits.
 *
 * States: born → working ⇄ idle → leaving → gone. At a limit of its session, it stops what it runs before it leaves. An incarnation that was declared gone, or left too early, is followed by
 * another of the same process, with an id of its own.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #keys: SessionKeys;
  readonly #clock: StoreClock;
  readonly #incarnation: Incarnation;
  readonly #inputs: Inputs;
  readonly #pool: SlotPool;
  readonly #stops = new Stops();
  readonly #spares: Spares;
  readonly #runs = new Set<TurnRun>();
  /** Chunks whose next turn is being leased: held, though nothing of them runs. */
  readonly #between = new Set<number>();
  /** The chunk leased last. */
  #newest: Chunk | undefined;
  #finder: Finder | undefined;
  #ledger: Ledger | undefined;
  #looks = 0;
  /** The look after which it was last asked whether all is over. */
  #askedOver = -1;
  #follows = 0;
  #nextLook = 0;
  #nextFollow = 0;
  #idleSince: number | undefined;
  #wake: () => void = ignore;
  #woken = false;
  #failure: { readonly error: unknown } | undefined;
  #followed = { until: 0, now: false };
  /** Entries that this process wrote. */
  #entries = 0;
  /** Nothing starts any more. */
  #draining = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#spares = options.spares ?? new Spares();
    this.#keys = sessionKeys(options.session);
    this.#clock = new StoreClock(options.facts, options.runtime);
    const { facts, runtime, launch, slot, slots } = options;
    this.#incarnation = new Incarnation({ facts, keys: this.#keys, runtime, launch, slot });
    this.#inputs = new Inputs(facts, this.#keys);
    this.#pool = new SlotPool(slots, runtime, () => this.wake());
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
      const ledger = await readLedger(this.#options.facts, this.#keys, this.#options.rev);
      if (!ledger) throw new Error(`There is no session ${this.#options.session} in this store.`);
      this.#ledger = ledger;
      this.#prepare(ledger, 0);
      this.#finder = this.#newFinder(ledger);
      // Just read; who came before there was any work is about to hear of some.
      if (ledger.chunks > 0)
        this.#nextFollow = this.#options.runtime.monotonic() + this.#options.facts.store.pace.poll[0];
      await this.#clock.read();
      void this.#beat(over.signal).catch((error: unknown) => this.#failed(error));
      return await this.#work();
    } finally {
      over.abort();
      signal.removeEventListener("abort", onAbort);
    }
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
      const end = await this.#restOrLeave();
      if (end) return end;
    }
  }

  /** Reads what others said since: the ledger's next entry, and who follows. */
  async #look(): Promise<void> {
    const { facts, runtime } = this.#options;
    const now = runtime.monotonic();
    if (now < this.#nextFollow) return;
    const { store } = facts;
    const idle = this.#runs.size === 0 && !this.#waitsForOthers();
    const wait = idle
      ? idleWait(this.#follows, store.pace.poll[0], longestFollow(store.pace, this.#follows++))
      : lookInterval(store.pace);
    this.#nextFollow = now + wait;
    await this.#follow();
    await this.#clock.read();
    const logging = [...this.#runs].some((run) => run.hasLogs);
    if (logging) await this.#checkFollowers();
    for (const run of this.#runs) await run.tick(logging && this.#followed.now);
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
    this.#take(before, await followLedger(this.#options.facts, this.#keys, before));
  }

  #take(before: Ledger, ledger: Ledger): void {
    if (ledger === before) return;
    this.#ledger = ledger;
    this.#prepare(ledger, before.submissions.length);
    this.#looks = 0;
    this.#follows = 0;
    this.#nextLook = 0;
    this.#idleSince = undefined;
    for (const run of this.#runs) this.#heed(run, ledger);
  }

  /** What the ledger says that ends what runs. */
  #heed(run: TurnRun, ledger: Ledger): void {
    const { chunk } = run.turn;
    // Its outcomes would be deleted, or be left behind for nobody.
    if (ledger.removed) return run.leave(true);
    if (ledger.submissions[chunk.row.submission]?.cancelled) return run.cancel();
    const cancelled = cancelledIn(ledger, chunk);
    if (cancelled.length > 0) run.cancelTasks(cancelled);
  }

  #prepare(ledger: Ledger, from: number): void {
    // Of a long session the older maps are most likely over.
    for (const submission of ledger.submissions.slice(Math.max(from, ledger.submissions.length - 4))) {
      // What is over for everybody needs no program.
      if (!submission.cancelled && !(submission.ended && submission.tasks === 0))
        this.#options.slots.prepare(submission);
    }
  }

  /** Apart from the loop that works, one round of which may ask the store for many things, one after the other. */
  async #beat(signal: AbortSignal): Promise<void> {
    const { facts, runtime } = this.#options;
    while (!signal.aborted) {
      const { ttl } = this.#current().session;
      await runtime.sleep(ttl / (facts.unsettled > 0 ? 60 : 6), signal);
      if (!signal.aborted) await this.#heartbeat(ttl);
    }
  }

  /** A fact under each held chunk, or a word of our own, within a third of the TTL. */
  async #heartbeat(ttl: number): Promise<void> {
    const { facts, runtime } = this.#options;
    // An unanswered create may still land: until it is settled this worker must look as silent as it may be.
    if (facts.unsettled > 0 || !this.#incarnation.lives) return;
    // What is not said now is said by the next beat: before a third is over.
    const due = runtime.monotonic() - ttl / 6;
    const silent = facts.lastFact < due || [...this.#runs].some((run) => run.lastFact < due);
    if (!silent || this.#beatAt > due) return;
    const held = [...this.#runs].map(({ turn }) => `${turn.id.s}.${turn.id.i}.${turn.id.t}.${turn.id.e}`);
    const running = [...this.#runs].reduce((sum, run) => sum + run.assigned, 0);
    const body = jsonBody({ v: 1, held, running, idle: this.#runs.size === 0, usage: facts.usage });
    const told = await facts.put(this.#keys.worker(this.#incarnation.id), body).then(
      () => true,
      () => false,
    );
    if (told) this.#beatAt = runtime.monotonic();
  }
  #beatAt = Number.NEGATIVE_INFINITY;

  async #checkFollowers(): Promise<void> {
    const { facts, runtime } = this.#options;
    const now = runtime.monotonic();
    if (now < this.#followed.until) return;
    const { ttl } = this.#current().session;
    const { entries, now: storeNow } = await listAll(facts, this.#keys.followers);
    const followed = entries.some(({ modified }) => storeNow - modified < ttl);
    this.#followed = { now: followed, until: now + (followed ? ttl / 3 : lookInterval(facts.store.pace)) };
  }

  /** Gives slots that have room their next assignments. */
  async #dispatch(): Promise<void> {
    for (let number = 0; number < this.#pool.count; number++) {
      while (this.#pool.hasRoom(number)) {
        if (!(await this.#assign(number))) return;
      }
    }
  }

  async #assign(number: number): Promise<boolean> {
    for (const run of this.#startable()) {
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

  /**
   * A task that is suspected of killing its worker runs when nothing else does, or another task would be found beside it
   * and share its blame.
   */
  *#startable(): Generator<TurnRun> {
    const runs = [...this.#runs];
    if (runs.some((run) => run.isolated && run.assigned > 0)) return;
    yield* runs.filter((run) => !run.isolated);
    if (runs.every((run) => run.assigned === 0)) yield* runs.filter((run) => run.isolated);
  }

  /** Leases more when slots would run dry. true: something was leased. */
  async #claim(): Promise<boolean> {
    const { runtime, facts } = this.#options;
    const want = this.#appetite();
    if (want === 0 || !this.#incarnation.lives || facts.unsettled > 0 || runtime.monotonic() < this.#nextLook)
      return false;
    const ledger = this.#current();
    if (ledger.paused || ledger.removed || !this.#finder || this.#finder.allFinished(ledger)) return false;
    const holds = ({ number }: Chunk) =>
      this.#between.has(number) || [...this.#runs].some((run) => run.turn.chunk.number === number);
    const turns = await this.#finder.find(this.#claimer(ledger), ledger, want, holds);
    for (const turn of turns) await this.#start(turn);
    if (turns.length > 0) {
      this.#looks = 0;
      this.#follows = 0;
      this.#idleSince = undefined;
      return true;
    }
    const { poll } = facts.store.pace;
    const longest = longestLook(facts.store.pace, this.#looks);
    this.#nextLook = runtime.monotonic() + idleWait(this.#looks++, poll[0] * 4, longest, 2);
    // Nobody is waited for any more, but the next map of an open session.
    if (this.#finder.allFinished(ledger)) this.#nextFollow = Math.min(this.#nextFollow, runtime.monotonic() + poll[0]);
    return false;
  }

  /** Chunks that would keep every slot busy a little longer. */
  #appetite(): number {
    const slots = this.#pool.count;
    if (this.#runs.size > mostInFlight.many * slots) return 0;
    let items = 0;
    let seconds = 0;
    for (const run of this.#runs) {
      const { open } = run;
      items += open;
      seconds += open * (this.#pool.seconds(run.turn.chunk.submission) ?? 1);
    }
    const { room } = this.#pool;
    const want = items < room ? room - items : seconds < slots * aheadSeconds && room > 0 ? 1 : 0;
    return want === 0 ? 0 : Math.max(want, this.#burst());
  }

  /** Chunks that a slot has run before a thread was woken for each of them. */
  #burst(): number {
    const chunk = this.#newest;
    const seconds = chunk && this.#pool.seconds(chunk.submission);
    if (chunk === undefined || seconds === undefined || chunk.count < many) return 0;
    return Math.min(mostInFlight.many, Math.floor(aheadSeconds / (seconds * chunk.count)));
  }

  async #start(turn: Turn): Promise<void> {
    const inputs = await this.#inputs.of(turn.chunk);
    const run = new TurnRun(this.#host(), turn, inputs);
    this.#runs.add(run);
    this.#newest = turn.chunk;
    this.#heed(run, this.#current());
    // Leased while the notice came: nothing of it starts any more.
    if (this.#draining || this.#options.signal.aborted) run.leave(false);
    run.ended
      .then((end) => {
        this.#runs.delete(run);
        if (end === "superseded") return this.#checkGone();
        return this.#afterTurn(run.turn);
      })
      .catch((error: unknown) => this.#failed(error));
    void run.tick(false);
  }

  /** The owner of a turn knows first whether there is a next one. */
  async #afterTurn(turn: Turn): Promise<void> {
    const { summary, chunk } = turn;
    const ledger = this.#current();
    if (summary && !hasNextTurn(chunk, summary, grantsOf(ledger, chunk))) this.#finder?.finish(chunk);
    else if (summary && this.#incarnation.lives && !this.#draining && !this.#options.signal.aborted) {
      this.#between.add(chunk.number);
      try {
        const next = await claimNext(this.#claimer(ledger), chunk, turn.id, summary);
        if (next) await this.#start(next);
      } finally {
        this.#between.delete(chunk.number);
      }
    }
    // With nothing left to run, what others said meanwhile is all there is to wait for.
    if (this.#runs.size === 0 && !this.#waitsForOthers()) this.#nextFollow = 0;
    this.wake();
  }

  /** Waits for the next thing to happen, or ends this life. */
  async #restOrLeave(): Promise<WorkerEnd | undefined> {
    const { runtime } = this.#options;
    if (this.#incarnation.lives && this.#runs.size + this.#between.size === 0) {
      this.#idleSince ??= runtime.monotonic();
      const ending = await this.#ending();
      if (ending) {
        const left = await this.#leave(ending);
        if (left) return ending;
        return undefined;
      }
    }
    await this.#sleep();
    return undefined;
  }

  async #ending(): Promise<"over" | "idle" | undefined> {
    const { runtime, facts } = this.#options;
    const ledger = this.#current();
    const idle = runtime.monotonic() - (this.#idleSince ?? runtime.monotonic());
    const state = stateOf(ledger);
    const { linger } = ledger.session;
    if (state === "removed") return "over";
    if (!this.#finder?.allFinished(ledger)) {
      if (ledger.paused) return "over";
      // Who saw the end first said so: one GET instead of a look at every chunk.
      if (state !== "open" && this.#askedOver !== this.#looks) {
        this.#askedOver = this.#looks;
        if (await facts.get(this.#keys.over(ledger.rev))) return "over";
      }
      return (await this.#isSurplus(ledger, idle)) ? "idle" : undefined;
    }
    if (state === "open") {
      if (idle >= (ledger.session.idleTimeout ?? Number.POSITIVE_INFINITY)) await this.#propose(idleEnd(ledger));
      return idle >= Math.max(linger, openPatience) ? "idle" : undefined;
    }
    if (idle < linger) return undefined;
    await facts.create(this.#keys.over(ledger.rev), empty);
    return "over";
  }

  /** Of those who wait behind the last chunks only some stay, in case an owner is lost; longer than that takes to show. */
  async #isSurplus(ledger: Ledger, idle: number): Promise<boolean> {
    const { facts } = this.#options;
    if (stateOf(ledger) !== "ended" || idle < ledger.session.ttl * 1.5) return false;
    const { entries, now } = await listAll(facts, this.#keys.workers);
    const names = entries
      .filter(({ modified }) => now - modified < ledger.session.ttl)
      .map(({ key }) => key.slice(this.#keys.workers.length));
    const alive = names.filter((name) => !name.startsWith("client."));
    const rank = alive.map(hash).filter((other) => other < hash(this.#incarnation.id)).length;
    return rank >= Math.max(2, (this.#finder?.unfinished(ledger) ?? 0) / 8);
  }

  /** The last act of this life. false: the ledger has grown since it was judged by, and another life begins. */
  async #leave(reason: WorkerEnd, judged = this.#current()): Promise<boolean> {
    await this.#incarnation.end(reason);
    if (reason === "stopped") return true;
    await this.#follow();
    if (this.#current() === judged) return true;
    await this.#incarnation.again();
    this.#idleSince = undefined;
    this.#nextLook = 0;
    return false;
  }

  /** After a commit that a later owner won: declared gone, this process goes on under a new id only. */
  async #checkGone(): Promise<void> {
    if (await this.#incarnation.isGone()) {
      await this.#incarnation.again(() => {
        for (const run of this.#runs) run.leave(true);
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
    const asked = Math.max(0, ...[...this.#runs].map((run) => run.turn.chunk.submission.options.grace));
    const end = runtime.monotonic() + grace - Math.min(asked, grace / 2);
    for (const run of this.#runs) run.leave(false);
    while (this.#runs.size > 0) {
      if (this.#failure) throw this.#failure.error;
      if (runtime.monotonic() >= end) for (const run of this.#runs) run.leave(true);
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
      this.#nextFollow - runtime.monotonic(),
      this.#untilStart(),
      this.#untilClaim(),
      this.#untilIdle(),
      this.#untilLimit(),
    ];
    await new Promise<void>((resolve) => {
      const cancel = runtime.timer(Math.max(1, Math.min(...waits)), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = ignore;
    this.#woken = false;
  }

  /** What ends wakes by itself: this is for what comes with time alone. */
  #untilStart(): number {
    const room = this.#pool.untilRoom();
    return room > 0 ? room : Math.min(...[...this.#startable()].map((run) => run.wait() ?? Number.POSITIVE_INFINITY));
  }

  #untilClaim(): number {
    const { facts, runtime, signal } = this.#options;
    const ledger = this.#current();
    if (
      signal.aborted ||
      !this.#incarnation.lives ||
      ledger.paused ||
      this.#appetite() === 0 ||
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
    const { linger, idleTimeout = Number.POSITIVE_INFINITY } = ledger.session;
    const stay = stateOf(ledger) === "open" ? Math.min(Math.max(linger, openPatience), idleTimeout) : linger;
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
    this.wake();
  }

  #claimer(ledger: Ledger): Claimer {
    return {
      facts: this.#options.facts,
      keys: this.#keys,
      owner: this.#incarnation.id,
      commitInterval: ledger.session.commitInterval,
      grants: (chunk) => grantsOf(this.#current(), chunk),
      seconds: (chunk) => this.#pool.seconds(chunk.submission),
    };
  }

  #host(): TurnHost {
    const { facts, runtime } = this.#options;
    return {
      facts,
      keys: this.#keys,
      stops: this.#stops,
      spares: this.#spares,
      commitInterval: this.#current().session.commitInterval,
      monotonic: () => runtime.monotonic(),
      storeNow: () => this.#clock.now(),
      wake: () => this.wake(),
      logged: () => {
        this.#nextFollow = 0;
        this.wake();
      },
    };
  }

  #newFinder(ledger: Ledger): Finder {
    const { facts, runtime, slot, workers } = this.#options;
    return new Finder({ facts, keys: this.#keys, runtime, ttl: ledger.session.ttl, slot, workers });
  }

  #current(): Ledger {
    if (!this.#ledger) throw new Error("The worker has not read the ledger yet.");
    return this.#ledger;
  }
}

const empty = new Uint8Array();

/** FNV-1a: any fixed order among workers will do. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) value = Math.imul(value ^ text.charCodeAt(n), 0x01000193) >>> 0;
  return value;
}

function ignore(): void {
  // A hint that was not written is not missed, and nobody waits.
}
