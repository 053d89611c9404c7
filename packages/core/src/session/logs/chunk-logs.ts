import type { Commit } from "../../protocol/commit.ts";
import type { Facts } from "../../protocol/facts.ts";
import { parseLog } from "../../protocol/keys.ts";
import type { LogId, Range, SessionKeys } from "../../protocol/keys.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Grant } from "../../protocol/ledger.ts";
import type { Entry } from "../../store.ts";
import { ChunkReader } from "../collect/chunk-reader.ts";
import { logFrames } from "./log-frames.ts";
import type { LogFrame } from "./log-frames.ts";

/** What listings tell of a chunk, for who asks for many chunks at a time. The logs were listed last. */
export interface ListedChunk {
  /** Highest turn that is done; -1 for none. */
  done: number;
  /** Keys. */
  readonly parts: string[];
  readonly logs: Entry[];
}

/** Whole frames of one attempt's log, in a log object or in a commit. */
export interface LogPiece extends LogId {
  /** Index within the submission, and within the session. */
  readonly index: number;
  readonly task: number;
  /** Offset in the attempt's log, and bytes, both of frames. */
  readonly at: number;
  readonly size: number;
  /** The attempt printed nothing more. Not every log has an end: some attempts die with their worker. */
  readonly ends: boolean;
  read(): Promise<Uint8Array>;
  /** What it holds, in the order in which it was printed. */
  frames(): Promise<LogFrame[]>;
}

export function logPiece(of: Omit<LogPiece, "read" | "frames">, read: () => Promise<Uint8Array>): LogPiece {
  return { ...of, read, frames: async () => [...logFrames(await read())] };
}

/**
 * The logs of one chunk's tasks: what log objects hold and what rides in commits, each byte once, whether the tasks are
 * running or ended long ago.
 */
export class ChunkLogs {
  readonly chunk: Chunk;
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #only: number | undefined;
  #reader: ChunkReader;
  #hasFailed = false;
  /** Offset up to which each log was given out. */
  readonly #given = new Map<string, number>();

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

  /** Some of its tasks failed for good: they may be run again. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The chunk's name in keys. */
  get name(): string {
    return this.#keys.chunk(this.chunk);
  }

  /** Goes on when failed tasks are run again; what was given out is not given again. */
  reopen(): void {
    this.#reader = new ChunkReader(this.#facts, this.#keys, this.chunk);
  }

  /** What was written since the last call: task by task, attempt by attempt. `listed`: as the store tells it now, if that is known. */
  async read(grants: readonly Grant[], listed?: ListedChunk): Promise<LogPiece[]> {
    // Commits first: the objects that a commit's log continues are then sure to be listed.
    const rides = await this.#rides(grants, listed);
    const objects = await this.#objects(listed?.logs);
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
      const wants = (range: Range) => this.#mayHold(range, turn);
      const commits = done ? this.#reader.done(grants, wants) : this.#reader.parts(listed?.parts, wants);
      for await (const commit of commits) {
        if (commit.header.turn) this.#hasFailed = commit.header.turn.failedTasks.length > 0;
        pieces.push(...this.#ridesOf(commit, turn));
      }
      if (!done) break;
    }
    return pieces;
  }

  /** Whether the batch can be that of the one task: in the first turn, where a task is says where its outcome is. */
  #mayHold({ first, count }: Range, turn: number): boolean {
    return this.#only === undefined || turn > 0 || (this.#only >= first && this.#only < first + count);
  }

  *#ridesOf({ header, logs }: Commit, t: number): Generator<LogPiece> {
    let start = 0;
    for (const { offset, attempt, at, bytes } of header.logs ?? []) {
      const end = start + bytes;
      // A copy: it must not hold the outcomes that it came with.
      const body = this.#wanted(offset) ? logs.slice(start, end) : undefined;
      start = end;
      const { s, i } = this.chunk;
      if (body)
        yield this.#piece({ s, i, t, e: header.epoch, offset, attempt }, { at, size: bytes, ends: true }, () =>
          Promise.resolve(body),
        );
    }
  }

  /** All of them: what is new may stand anywhere, since a task that begins later may come first in key order. */
  async #objects(listed: readonly Entry[] | undefined): Promise<LogPiece[]> {
    const pieces: LogPiece[] = [];
    const prefix = this.#prefix();
    for await (const { entries } of listed
      ? [{ entries: listed }]
      : this.#facts.list(this.#keys.logs, { after: prefix })) {
      for (const { key, size } of entries) {
        if (!key.startsWith(prefix)) return pieces;
        const { at, ...id } = parseLog(key.slice(this.#keys.logs.length));
        if (at !== undefined) pieces.push(this.#piece(id, { at, size, ends: false }, () => this.#object(key)));
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

  #piece(id: LogId, part: Pick<LogPiece, "at" | "size" | "ends">, read: () => Promise<Uint8Array>): LogPiece {
    const { index, task } = this.chunk;
    return logPiece({ ...id, ...part, index: index + id.offset, task: task + id.offset }, read);
  }

  #wanted(offset: number): boolean {
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
