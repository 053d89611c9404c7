import { batchesOf } from "../../protocol/cut.ts";
import { parseCommit } from "../../protocol/commit.ts";
import type { Commit, CommitHeader, TurnSummary } from "../../protocol/commit.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { hasNextTurn } from "../../protocol/claim.ts";
import { parsePart } from "../../protocol/keys.ts";
import type { Range, SessionKeys } from "../../protocol/keys.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Grant } from "../../protocol/ledger.ts";
import type { ReadAhead } from "./read-ahead.ts";
import type { Scratch } from "./scratch.ts";

/** Memory of readers that take turns; without it, each commit has its own. A turn's parts are read while its `done` is held. */
export interface Memory {
  readonly done: Scratch;
  readonly part: Scratch;
  /** Where commits come from that are read before they are asked for. */
  readonly ahead?: ReadAhead;
  /** The same for parts of a turn that is done. Of their own: what is planned further ahead must not hold them up. */
  readonly turn?: ReadAhead;
}

/** Whether the commit of this batch is asked for. */
export type Wants = (batch: Range) => boolean;

const all: Wants = () => true;

/** Reads the commits of one chunk, each once, turn after turn. A commit's bytes are valid until the next one is asked for. */
export class ChunkReader {
  readonly chunk: Chunk;
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #memory: Memory | undefined;
  /** First positions of the parts of this turn that were read. */
  #read = new Set<number>();
  #turn = 0;
  #summary: TurnSummary | undefined;
  #finished = false;

  constructor(facts: Facts, keys: SessionKeys, chunk: Chunk, memory?: Memory) {
    this.#facts = facts;
    this.#keys = keys;
    this.chunk = chunk;
    this.#memory = memory;
  }

  /** Turn whose commits come next. */
  get turn(): number {
    return this.#turn;
  }

  /** What the newest turn came to that is done, as soon as the first of its commits is told. */
  get summary(): TurnSummary | undefined {
    return this.#summary;
  }

  /** Every task of the chunk has its outcome. */
  get finished(): boolean {
    return this.#finished;
  }

  /**
   * Parts of a turn that still runs: what shows before its `done`. `listed`: their keys, when they are known. Returns how
   * many were new. `wants`: which of them are asked for.
   */
  async *parts(listed?: readonly string[], wants: Wants = all): AsyncGenerator<Commit, number> {
    let found = 0;
    const keys =
      listed ?? (await listAll(this.#facts, this.#keys.partsOf(this.chunk))).entries.map((entry) => entry.key);
    for (const key of this.unread(keys)) {
      if (!wants(this.#part(key))) continue;
      yield await this.#commit(key);
      this.#read.add(this.#part(key).first);
      found++;
    }
    return found;
  }

  /** Of the keys of parts of the chunk, those that `parts` would read. */
  unread(keys: readonly string[]): string[] {
    return keys.filter((key) => {
      const { t, first } = this.#part(key);
      return t === this.#turn && !this.#read.has(first);
    });
  }

  /**
   * All of the turn that was not read yet, in item order. Returns false, and yields nothing, when the turn is not done. `wants`: which
   * are asked for; the last one always is.
   */
  async *done(grants: readonly Grant[], wants: Wants = all): AsyncGenerator<Commit, boolean> {
    const id = { s: this.chunk.s, i: this.chunk.i, t: this.#turn };
    const bytes = await this.#get(this.#keys.done(id), "done");
    if (!bytes) return false;
    const last = parseCommit(bytes);
    const summary = summaryOf(last.header);
    this.#summary = summary;
    const ranges = batchesOf(summary.cut, summary.items)
      .slice(0, -1)
      .filter((range) => !this.#read.has(range.first) && wants(range));
    this.#memory?.turn?.plan(ranges.map((range) => this.#keys.part(id, range)));
    for (const range of ranges) {
      yield await this.#commit(this.#keys.part(id, range), this.#memory?.turn);
      this.#read.add(range.first);
    }
    yield last;
    if (hasNextTurn(this.chunk, summary, grants)) {
      this.#turn++;
      this.#read = new Set();
    } else this.#finished = true;
    return true;
  }

  #part(key: string): ReturnType<typeof parsePart> {
    return parsePart(key.slice(this.#keys.parts.length));
  }

  #get(key: string, kind: "done" | "part", ahead = this.#memory?.ahead): Promise<Uint8Array | undefined> {
    const memory = this.#memory;
    return memory && ahead ? ahead.get(key, memory[kind]) : this.#facts.get(key, memory?.[kind]);
  }

  async #commit(key: string, ahead?: ReadAhead): Promise<Commit> {
    const bytes = await this.#get(key, "part", ahead);
    if (!bytes) throw new Error(`The store lost ${key}, which it listed.`);
    return parseCommit(bytes);
  }
}

function summaryOf({ turn }: CommitHeader): TurnSummary {
  if (!turn) throw new Error("A commit that ends a turn does not say what the turn came to.");
  return turn;
}
