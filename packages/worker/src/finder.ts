import {
  chunkName,
  chunkNumbered,
  claimFresh,
  claimFromLost,
  claimNext,
  hasNextTurn,
  leasePage,
  listAll,
  readLease,
  readSummary,
  scan,
  sight,
  silent,
} from "@skyburst/core/protocol";
import type {
  Chunk,
  Claimer,
  Facts,
  Lease,
  LeaseId,
  Ledger,
  Loss,
  Runtime,
  SessionKeys,
  Standing,
  Turn,
  TurnId,
  TurnSummary,
} from "@skyburst/core/protocol";
import { InGroups } from "./in-groups.ts";

/** Most chunks claimed from one look, so that a crowd that looks at one page spreads over it. */
const claimsPerLook = 4;

/** Claims that somebody else was faster at, after which a page is taken for stale: each costs what a new one does. */
const lostPerLook = 2;

/** Ends of turns that are read at a time, to see whether there is a next one. */
const readsAtATime = 8;

/** Looks in a row that may pass over all but what was never leased. */
const mostGlances = 3;

/** Chunks of which one page of leases tells nearly always. */
const onePage = 900;

/** Looks at everything in a row that a worker of a large fleet may leave to others. */
const mostLeft = 3;

/** Of a fleet, those who look in each round, or else a quarter of it: in a large one they find what all would find, and a store isn't asked by all at once. */
const lookers = 64;

export interface FinderOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly ttl: number;
  /** Own stripe: the chunks whose running number is `slot` modulo `workers`. */
  readonly slot: number;
  readonly workers: number;
  /** Asked between two pages: whether somebody said that this ledger is settled. */
  readonly isOver: (ledger: Ledger) => Promise<boolean>;
}

/**
 * Finds chunks to run: the own stripe by blind creates first, then one page of a listing from a random point. Remembers
 * which chunks are finished, so that what is settled is never asked for again.
 */
export class Finder {
  readonly #options: FinderOptions;
  /** Running numbers of chunks with nothing left to do. */
  #finished = new Set<number>();
  #grants = 0;
  /** Next number of the own stripe; beyond the first chunk that somebody else took, a listing is cheaper. */
  #stripe: number;
  #stripeOpen = true;
  #known = 0;
  /** Glances that may follow, before a look at everything. */
  #glances = 0;
  /** Looks in a row that were left to others. */
  #left = 0;
  readonly #sightings = new Map<string, ReturnType<typeof sight>>();
  readonly #leases = new Map<string, Lease>();
  /** First look at each lease of somebody else, on our own clock. */
  readonly #seen = new Map<string, number>();

  constructor(options: FinderOptions) {
    this.#options = options;
    this.#stripe = options.slot % options.workers;
  }

  /** Every chunk that this ledger names is settled. */
  allFinished(ledger: Ledger): boolean {
    this.#learn(ledger);
    return this.#finished.size >= ledger.chunks;
  }

  /** Somebody saw that every chunk that this ledger names is settled. */
  settle(ledger: Ledger): void {
    this.#learn(ledger);
    for (let number = 0; number < ledger.chunks; number++) this.#finished.add(number);
  }

  /** One look shows how all chunks stand. */
  seesAll(ledger: Ledger): boolean {
    return ledger.chunks <= onePage;
  }

  unfinished(ledger: Ledger): number {
    return ledger.chunks - this.#finished.size;
  }

  finish(chunk: Chunk): void {
    this.#finished.add(chunk.number);
  }

  /**
   * Whether this look at everything is for others of a large fleet to make: three in a row at most, and none of who found something at
   * the last one, where more may be. What was never leased each looks for itself: of that there may be work for all.
   */
  leavesLook(ledger: Ledger): boolean {
    const { runtime, workers } = this.#options;
    this.#learn(ledger);
    if (this.#stripeOpen || this.#glances > 0 || workers <= lookers) return false;
    const leaves = this.#left < mostLeft && runtime.random() >= Math.max(lookers / workers, 1 / (mostLeft + 1));
    this.#left = leaves ? this.#left + 1 : 0;
    return leaves;
  }

  /** Up to `want` turns, leased for `claimer`. `holds` tells what this incarnation has already. */
  async find(claimer: Claimer, ledger: Ledger, want: number, holds: (chunk: Chunk) => boolean): Promise<Turn[]> {
    this.#learn(ledger);
    const turns = await this.#fromStripe(claimer, ledger, want);
    if (turns.length > 0) this.#glances = mostGlances;
    if (turns.length > 0 || this.allFinished(ledger)) return turns;
    const most = Math.min(want, claimsPerLook);
    const found = await (this.#glances > 0
      ? this.#atAGlance(claimer, ledger, most)
      : this.#fromPages(claimer, ledger, most, holds));
    if (found.length > 0) this.#left = mostLeft;
    return found;
  }

  /** One page after the other, as long as each tells of nothing but what is finished: behind the last chunks somebody has to see them all. */
  async #fromPages(claimer: Claimer, ledger: Ledger, want: number, holds: (chunk: Chunk) => boolean): Promise<Turn[]> {
    for (;;) {
      const before = this.#finished.size;
      const { turns, whole } = await this.#fromPage(claimer, ledger, want, holds);
      if (!whole || turns.length > 0 || this.allFinished(ledger) || this.#finished.size === before) return turns;
      if (await this.#options.isOver(ledger)) return turns;
    }
  }

  #learn(ledger: Ledger): void {
    // A grant may reopen what failed.
    if (ledger.grants > this.#grants) {
      this.#finished = new Set();
      this.#left = mostLeft;
    }
    this.#grants = ledger.grants;
    if (ledger.chunks > this.#known && !this.#stripeOpen) {
      const { slot, workers } = this.#options;
      this.#stripe = this.#known + ((((slot - this.#known) % workers) + workers) % workers);
      this.#stripeOpen = true;
    }
    this.#known = ledger.chunks;
  }

  async #fromStripe(claimer: Claimer, ledger: Ledger, want: number): Promise<Turn[]> {
    const turns: Turn[] = [];
    while (this.#stripeOpen && turns.length < want) {
      const chunk = this.#stripe < ledger.chunks ? chunkNumbered(ledger, this.#stripe) : undefined;
      if (!chunk) break;
      const turn = await claimFresh(claimer, chunk);
      if (turn) turns.push(turn);
      else this.#stripeOpen = false;
      this.#stripe += this.#options.workers;
    }
    if (this.#stripe >= ledger.chunks) this.#stripeOpen = false;
    return turns;
  }

  /**
   * Only what was never leased, of which one LIST tells. Who has just worked finds more of it, or else that others are at work on all
   * that is left: there is time to ask what came of that.
   */
  async #atAGlance(claimer: Claimer, ledger: Ledger, want: number): Promise<Turn[]> {
    const { facts, keys, runtime } = this.#options;
    const { from, to, newest } = await leasePage(facts, keys, ledger, this.#pageStart(ledger));
    const fresh: number[] = [];
    for (let number = from; number < to; number++)
      if (!newest.has(number) && !this.#finished.has(number)) fresh.push(number);
    const first = Math.floor(runtime.random() * fresh.length);
    const turns: Turn[] = [];
    let lost = 0;
    for (let n = 0; n < fresh.length && turns.length < want && lost < lostPerLook; n++) {
      const chunk = chunkNumbered(ledger, fresh[(first + n) % fresh.length] ?? 0);
      const turn = chunk && (await claimFresh(claimer, chunk));
      if (turn) turns.push(turn);
      else lost++;
    }
    this.#glances = turns.length > 0 ? this.#glances - 1 : 0;
    return turns;
  }

  /** `whole`: all that the page tells of is finished. */
  async #fromPage(
    claimer: Claimer,
    ledger: Ledger,
    want: number,
    holds: (chunk: Chunk) => boolean,
  ): Promise<{ readonly turns: Turn[]; readonly whole: boolean }> {
    const { facts, keys, runtime } = this.#options;
    const page = await scan(facts, keys, ledger, this.#pageStart(ledger));
    const turns: Turn[] = [];
    const held: { chunk: Chunk; standing: Extract<Standing, { kind: "held" }> }[] = [];
    // Claims begin at a random point of the page, or all who look at it would reach for the same chunk.
    const told = [...page.standings].flatMap(([number, standing]) => {
      const chunk = this.#finished.has(number) ? undefined : chunkNumbered(ledger, number);
      return chunk && !holds(chunk) ? [{ chunk, standing }] : [];
    });
    const first = Math.floor(runtime.random() * told.length);
    const order = [...told.slice(first), ...told.slice(0, first)];
    const odd = order.flatMap(({ chunk, standing }) =>
      standing.kind === "odd" ? [{ s: chunk.s, i: chunk.i, t: standing.t }] : [],
    );
    const summaries = new InGroups(odd, readsAtATime, (id) => readSummary(facts, keys, id));
    let read = 0;
    let lost = 0;
    for (const { chunk, standing } of order) {
      const done = standing.kind === "odd" ? odd[read++] : undefined;
      if (claimer.isStopped?.() === true) return { turns, whole: false };
      // A wait before this one may have brought it to us, or us to its end.
      if (holds(chunk) || this.#finished.has(chunk.number)) continue;
      if (standing.kind === "finished") this.#finished.add(chunk.number);
      else if (standing.kind === "held") held.push({ chunk, standing });
      else if (turns.length < want) {
        const turn = done
          ? await this.#afterOdd(claimer, chunk, done, await summaries.get(done))
          : await claimFresh(claimer, chunk);
        if (turn) turns.push(turn);
        else if (standing.kind === "fresh" && ++lost >= lostPerLook) return { turns, whole: false };
      }
    }
    if (turns.length < want && held.length > 0)
      turns.push(...(await this.#fromLost(claimer, held, page.now, want - turns.length)));
    if (turns.length > 0) this.#glances = mostGlances;
    return { turns, whole: order.every(({ chunk }) => this.#finished.has(chunk.number)) };
  }

  /**
   * An unfinished chunk from which the page starts; pages of what is known to be finished tell nothing. A small session
   * fits one page: told whole, it is settled by one look.
   */
  #pageStart(ledger: Ledger): number {
    const start = ledger.chunks <= onePage ? 0 : Math.floor(this.#options.runtime.random() * ledger.chunks);
    for (let n = 0; n < ledger.chunks; n++) {
      const number = (start + n) % ledger.chunks;
      if (!this.#finished.has(number)) return number;
    }
    return start;
  }

  async #afterOdd(claimer: Claimer, chunk: Chunk, done: TurnId, summary: TurnSummary): Promise<Turn | undefined> {
    if (hasNextTurn(chunk, summary, claimer.grants(chunk))) return claimNext(claimer, chunk, done, summary);
    this.#finished.add(chunk.number);
    return undefined;
  }

  async #fromLost(
    claimer: Claimer,
    held: readonly { chunk: Chunk; standing: Extract<Standing, { kind: "held" }> }[],
    now: number,
    want: number,
  ): Promise<Turn[]> {
    const { facts, keys } = this.#options;
    if (!this.#anyOld(held, now)) return [];
    const { entries } = await listAll(facts, keys.gones);
    const gone = new Set(entries.map(({ key }) => key.slice(keys.gones.length)));
    const newestGone = entries.reduce((newest, { modified }) => Math.max(newest, modified), Number.NEGATIVE_INFINITY);
    const turns: Turn[] = [];
    let heartbeats: Map<string, number> | undefined;
    for (const { chunk, standing } of held) {
      if (turns.length >= want || claimer.isStopped?.() === true) break;
      if (!this.#maybeLost(standing, newestGone, now)) continue;
      const owner = await this.#owner(standing.id);
      if (owner === undefined) continue;
      let loss: Loss | undefined;
      if (gone.has(owner)) loss = await this.#lossOf(owner);
      else if (owner === claimer.owner) loss = "left";
      else if (now - standing.modified > this.#options.ttl / 2) {
        heartbeats ??= await this.#heartbeats();
        if (await this.#silent(standing.id, owner, heartbeats.get(owner), standing.modified)) loss = "lost";
      }
      const turn = loss && (await claimFromLost(claimer, chunk, standing.id, loss));
      if (turn) turns.push(turn);
    }
    return turns;
  }

  /** Who leased for the first time a moment ago is at work: nobody need ask who has gone before the next look. */
  #anyOld(held: readonly { standing: Extract<Standing, { kind: "held" }> }[], now: number): boolean {
    const { runtime, ttl } = this.#options;
    let any = false;
    for (const { standing } of held) {
      const name = leaseName(standing.id);
      any ||= this.#seen.has(name) || now - standing.modified > ttl / 2;
      if (!this.#seen.has(name)) this.#seen.set(name, runtime.monotonic());
    }
    return any;
  }

  /**
   * Whose a lease is costs a request. A young one is worth it only if somebody has gone since it was written: who was declared
   * gone before, and leases on, lives, and is found by its silence when it does no more.
   */
  #maybeLost({ id, modified }: Extract<Standing, { kind: "held" }>, newestGone: number, now: number): boolean {
    const { runtime, ttl } = this.#options;
    const name = leaseName(id);
    const since = this.#seen.get(name) ?? runtime.monotonic();
    this.#seen.set(name, since);
    return modified <= newestGone || now - modified > ttl / 2 || runtime.monotonic() - since > ttl / 2;
  }

  async #owner(id: LeaseId): Promise<string | undefined> {
    const name = leaseName(id);
    const known = this.#leases.get(name) ?? (await readLease(this.#options.facts, this.#options.keys, id));
    if (known) this.#leases.set(name, known);
    return known?.owner;
  }

  async #lossOf(owner: string): Promise<Loss> {
    const { facts, keys } = this.#options;
    const bytes = await facts.get(keys.gone(owner));
    const { reason } = bytes ? (JSON.parse(Buffer.from(bytes).toString()) as { reason: string }) : { reason: "lost" };
    return reason === "crash" || reason === "oom" || reason === "lost" ? reason : "left";
  }

  async #heartbeats(): Promise<Map<string, number>> {
    const { facts, keys } = this.#options;
    const { entries } = await listAll(facts, keys.workers);
    return new Map(entries.map(({ key, modified }) => [key.slice(keys.workers.length), modified]));
  }

  async #silent(id: LeaseId, owner: string, heartbeat: number | undefined, leased: number): Promise<boolean> {
    const { facts, keys, runtime, ttl } = this.#options;
    let newest = Math.max(leased, heartbeat ?? 0);
    const storeNow = await facts.now();
    // A heartbeat settles it for most; only for a silent owner the chunk's own facts are asked for.
    if (storeNow - newest > ttl / 2) {
      for (const prefix of [keys.partsOf(id), keys.tries(id)]) {
        for (const { modified } of (await listAll(facts, prefix)).entries) newest = Math.max(newest, modified);
      }
    }
    const name = `${chunkName(id)}.${id.t}.${id.e}.${owner}`;
    const sighting = sight(this.#sightings.get(name), { newest, storeNow, monotonic: runtime.monotonic(), ttl });
    this.#sightings.set(name, sighting);
    return silent(sighting, runtime.monotonic(), ttl);
  }
}

function leaseName(id: LeaseId): string {
  return `${chunkName(id)}.${id.t}.${id.e}`;
}
