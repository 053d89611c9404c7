import type { Commit } from "../protocol/commit.ts";
import type { Facts } from "../protocol/facts.ts";
import { parseLog } from "../protocol/keys.ts";
import type { LogId, SessionKeys } from "../protocol/keys.ts";
import type { Chunk } from "../protocol/chunk.ts";
import type { Grant } from "../protocol/ledger.ts";
import type { ChunkStart } from "../protocol/list-chunks.ts";
import type { Entry } from "../store.ts";
import { ChunkReader } from "./chunk-reader.ts";

/** What listings tell of a chunk, for who asks for many chunks at a time. The logs were listed last. */
export interface ListedChunk {
  /** Highest turn that is done; -1 for none. */
  done: number;
  /** Keys. */
  readonly parts: string[];
  readonly logs: Entry[];
}

/** Some frames of one attempt's log, in a log object or in a commit. */
export interface LogPiece extends LogId {
  /** Index within the submission, and within the session. */
  readonly index: number;
  readonly task: number;
  /** Offset in the attempt's log. */
  readonly at: number;
  readonly size: number;
  read(): Promise<Uint8Array>;
}

/**
 * The logs of one chunk's tasks: what log objects hold and what rides in commits, each byte once, whether the tasks are
 * running or ended long ago.
 */
export class ChunkLogs {
  readonly chunk: Chunk;
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #reader: ChunkReader;
  readonly #only: number | undefined;
  /** Offset up to which each log was given out. */
  readonly #given = new Map<string, number>();
  /** The last object read of each log that may go on, in key order. */
  readonly #open = new Map<string, string>();

  /** @param only Offset of the one task that is asked for. */
  constructor(facts: Facts, keys: SessionKeys, chunk: Chunk, only?: number) {
    this.#facts = facts;
    this.#keys = keys;
    this.chunk = chunk;
    this.#only = only;
    this.#reader = new ChunkReader(facts, keys, chunk);
  }

  /** Every task of the chunk has its outcome, and everything was given out. */
  get finished(): boolean {
    return this.#reader.finished;
  }

  /** Where what was not read yet may begin: the chunk's name in keys, and the key of the first log that may go on. */
  get start(): ChunkStart {
    return { name: this.#keys.chunk(this.chunk), after: this.#open.values().next().value };
  }

  /** What was written since the last call: task by task, attempt by attempt. `listed`: as the store tells it now, if that is known. */
  async read(grants: readonly Grant[], listed?: ListedChunk): Promise<LogPiece[]> {
    // Commits first: the objects that a commit's log continues are then sure to be listed.
    const rides = (await this.#rides(grants, listed)).filter((piece) => this.#wanted(piece));
    const gap = rides.some((piece) => piece.at > this.#givenOf(piece));
    const objects = await this.#objects(gap || this.finished, listed?.logs);
    const pieces = [...rides, ...objects].sort(byPlace);
    return pieces.filter((piece) => this.#give(piece));
  }

  async #rides(grants: readonly Grant[], listed: ListedChunk | undefined): Promise<LogPiece[]> {
    const pieces: LogPiece[] = [];
    while (!this.#reader.finished) {
      const { turn } = this.#reader;
      const { s, i } = this.chunk;
      const done = listed
        ? turn <= listed.done
        : (await this.#facts.get(this.#keys.done({ s, i, t: turn }))) !== undefined;
      const commits = done ? this.#reader.done(grants) : this.#reader.parts(listed?.parts);
      for await (const commit of commits) pieces.push(...this.#ridesOf(commit, turn));
      if (!done) break;
    }
    return pieces;
  }

  *#ridesOf({ header, logs }: Commit, t: number): Generator<LogPiece> {
    let start = 0;
    for (const { offset, attempt, at, bytes } of header.logs ?? []) {
      const body = logs.subarray(start, start + bytes);
      start += bytes;
      const { s, i } = this.chunk;
      yield this.#piece({ s, i, t, e: header.epoch, offset, attempt }, at, bytes, () => Promise.resolve(body));
    }
  }

  /** @param all Everything, not only what is behind the objects that were read. */
  async #objects(all: boolean, listed: readonly Entry[] | undefined): Promise<LogPiece[]> {
    const pieces: LogPiece[] = [];
    const prefix = this.#prefix();
    const after = (all ? undefined : this.#open.values().next().value) ?? prefix;
    for await (const page of listed && !all ? [{ entries: listed }] : this.#facts.list(this.#keys.logs, { after })) {
      for (const { key, size } of page.entries) {
        if (key <= after) continue;
        if (!key.startsWith(prefix)) return pieces;
        const { at, ...id } = parseLog(key.slice(this.#keys.logs.length));
        const name = this.#keys.logsOf(id);
        if (at === undefined) this.#open.delete(name);
        else this.#open.set(name, key);
        if (at !== undefined) pieces.push(this.#piece(id, at, size, () => this.#object(key)));
      }
    }
    return pieces;
  }

  #prefix(): string {
    const first = this.#keys.logsOf({ ...this.chunk, t: 0, e: 0, attempt: 0, offset: this.#only ?? 0 });
    // `<s>.<i>.`, and `<offset>.` when one task is asked for: what the keys have in common.
    return first.slice(0, -(this.#only === undefined ? "0000.0000.0000.00/" : "0000.0000.00/").length);
  }

  async #object(key: string): Promise<Uint8Array> {
    const bytes = await this.#facts.get(key);
    if (!bytes) throw new Error(`The store lost ${key}, which it listed.`);
    return bytes;
  }

  #piece(id: LogId, at: number, size: number, read: () => Promise<Uint8Array>): LogPiece {
    return { ...id, at, size, index: this.chunk.index + id.offset, task: this.chunk.task + id.offset, read };
  }

  #wanted({ offset }: LogPiece): boolean {
    return this.#only === undefined || offset === this.#only;
  }

  #givenOf(id: LogId): number {
    return this.#given.get(this.#keys.logsOf(id)) ?? 0;
  }

  #give(piece: LogPiece): boolean {
    if (piece.at < this.#givenOf(piece)) return false;
    this.#given.set(this.#keys.logsOf(piece), piece.at + piece.size);
    return true;
  }
}

function byPlace(a: LogPiece, b: LogPiece): number {
  return a.offset - b.offset || a.t - b.t || a.e - b.e || a.attempt - b.attempt || a.at - b.at;
}
