import type { Facts } from "../../protocol/facts.ts";
import { parseDone, parseLease } from "../../protocol/keys.ts";
import type { NewestFollower, SessionKeys } from "../../protocol/keys.ts";
import { chunkAt, chunkNumbered, grantsOf } from "../../protocol/chunk.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import type { Ledger } from "../../protocol/ledger.ts";
import { listChunks } from "../../protocol/list-chunks.ts";
import { jsonBody } from "../../protocol/lines.ts";
import type { Runtime } from "../../runtime.ts";
import { ChunkLogs } from "./chunk-logs.ts";
import type { ListedChunk, LogPiece } from "./chunk-logs.ts";
import type { StorePace } from "../../store.ts";
import { inParallel } from "../in-parallel.ts";
import type { LedgerView } from "../ledger-view.ts";
import { lastLines } from "./log-tail.ts";

/** Chunks whose commits are read at a time: what rides in them is held, a megabyte each at most. */
const chunksAhead = 8;

export interface ReadLogsOptions {
  /**
   * Of what is there at the first look, only so many lines of each task: the last ones. Default: everything. A line is of the channel
   * that it was written to; of a task that was tried several times all attempts count as one log.
   */
  readonly tail?: number | undefined;
}

export interface FollowLogsOptions extends ReadLogsOptions {
  /** Ends it, without an error. */
  readonly signal?: AbortSignal | undefined;
}

export interface SessionLogsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  /** Name of this reader among those that follow the session: `<kind>.<random>`. */
  readonly client: string;
  /** Index in the session of the one task that is asked for. */
  readonly task?: number | undefined;
}

/** The logs of a session, or of one of its tasks: now, live, or long after the end, each byte once. */
export class SessionLogs {
  readonly #options: SessionLogsOptions;
  /** Chunks of which more may come, by running number. */
  readonly #reading = new Map<number, ChunkLogs>();
  /** Chunks that are finished, of those from the first unfinished one on. */
  readonly #finished = new Set<number>();
  #low = 0;
  /** Finished chunks with failed tasks, which a retry runs again, and how many retries were told when they were finished. */
  readonly #failed = new Map<number, ChunkLogs>();
  #grants = 0;
  #hinted = Number.NEGATIVE_INFINITY;

  constructor(options: SessionLogsOptions) {
    this.#options = options;
  }

  /** Everything was given out, and nothing more will come. */
  get complete(): boolean {
    const { current } = this.#options.view;
    if (current.removed) return true;
    if (this.#reading.size > 0 || this.#grants < current.grants) return false;
    if (this.#options.task !== undefined) return this.#finished.size > 0 || this.#low > 0;
    return (
      current.submissions.length > 0 && current.submissions.every(({ ended }) => ended) && this.#low >= current.chunks
    );
  }

  /** What was written since the last call, in the order of tasks. */
  async *read({ tail }: ReadLogsOptions = {}): AsyncGenerator<LogPiece> {
    const { view } = this.#options;
    await view.follow();
    const ledger = view.current;
    if (ledger.removed) return;
    this.#reopen(ledger);
    const begun = await this.#begun(ledger);
    const listed = this.#options.task === undefined ? await this.#listed(begun) : undefined;
    const read = ([, logs]: (typeof begun)[number]) => logs.read(grantsOf(ledger, logs.chunk), listed?.get(logs.name));
    for await (const [[number, logs], pieces] of inParallel(begun, chunksAhead, read)) {
      yield* tail === undefined ? pieces : lastLines(pieces, tail);
      if (logs.finished) this.#finish(number, logs);
    }
    while (this.#finished.delete(this.#low)) this.#low++;
  }

  /** The same, and what is written from then on, until nothing more will come or the signal fires. Workers are told to write it soon. */
  async *follow({ signal, tail }: FollowLogsOptions = {}): AsyncGenerator<LogPiece> {
    const { runtime, facts } = this.#options;
    let first = tail;
    const looks = looksOf(facts.store.pace);
    for (let quiet = 0; !signal?.aborted && !this.complete; quiet++) {
      const started = runtime.monotonic();
      await this.#hint(started);
      for await (const piece of this.read({ tail: first })) {
        quiet = 0;
        yield piece;
      }
      first = undefined;
      const wait = Math.max(looks[0] * 1.05 ** Math.min(quiet, 100), (runtime.monotonic() - started) * 10);
      if (!this.complete) await runtime.sleep(Math.min(wait, looks[1]), signal);
    }
  }

  /** Says who follows what, and then that somebody does: workers ask for the latter. */
  async #hint(now: number): Promise<void> {
    const { facts, keys, client, view, task } = this.#options;
    const { ttl } = view.current.session;
    if (now < this.#hinted + ttl / 3) return;
    const tell = async () => {
      await facts.put(keys.follow(client, task), jsonBody({ v: 1 }));
      const newest: NewestFollower = { by: client, until: Math.round((await facts.now()) + ttl) };
      await facts.put(keys.newestFollower, jsonBody({ v: 1, ...newest }));
    };
    // Without the hint output only comes later, also to who may not write here: the next look tries again.
    const told = await tell().then(
      () => true,
      () => false,
    );
    if (told) this.#hinted = now;
  }

  #finish(number: number, logs: ChunkLogs): void {
    this.#reading.delete(number);
    if (number >= this.#low) this.#finished.add(number);
    if (logs.hasFailed) this.#failed.set(number, logs);
  }

  /** A retry that was told since: what failed may go on. */
  #reopen(ledger: Ledger): void {
    if (this.#grants === ledger.grants) return;
    this.#grants = ledger.grants;
    for (const [number, logs] of this.#failed) {
      logs.reopen();
      this.#reading.set(number, logs);
    }
    this.#failed.clear();
  }

  /** Readers of the chunks that were ever leased and are not finished, in order. */
  async #begun(ledger: Ledger): Promise<[number, ChunkLogs][]> {
    const { task } = this.#options;
    if (task === undefined) await this.#findLeased(ledger);
    else if (this.#finished.size === 0 && this.#low === 0) this.#open(chunkOf(ledger, task), task);
    return [...this.#reading].sort(([one], [other]) => one - other);
  }

  async #findLeased(ledger: Ledger): Promise<void> {
    const { facts, keys } = this.#options;
    const first = chunkNumbered(ledger, this.#low);
    if (!first || this.#knowsAll(ledger)) return;
    for await (const page of facts.list(keys.leases, { after: keys.leases + keys.chunk(first) })) {
      for (const { key } of page.entries) this.#open(chunkAt(ledger, parseLease(key.slice(keys.leases.length))));
    }
  }

  #knowsAll(ledger: Ledger): boolean {
    let known = this.#finished.size;
    for (const number of this.#reading.keys()) if (number >= this.#low && !this.#finished.has(number)) known++;
    return known === ledger.chunks - this.#low;
  }

  #open(chunk: Chunk | undefined, task?: number): void {
    if (!chunk || this.#reading.has(chunk.number) || this.#finished.has(chunk.number)) return;
    const { facts, keys } = this.#options;
    const only = task === undefined ? undefined : task - chunk.task;
    this.#reading.set(chunk.number, new ChunkLogs(facts, keys, chunk, only));
  }

  /** What there is of these chunks, told by a few listings for all of them. Logs last, which a commit may continue. */
  async #listed(begun: readonly [number, ChunkLogs][]): Promise<ReadonlyMap<string, ListedChunk>> {
    const { facts, keys } = this.#options;
    const listed = new Map<string, ListedChunk>();
    const names = begun.map(([, { name }]) => ({ name }));
    for (const { name } of names) listed.set(name, { done: -1, parts: [], logs: [] });
    const length = names[0]?.name.length ?? 0;
    const chunkIn = (prefix: string, key: string) => listed.get(key.slice(prefix.length, prefix.length + length));
    for await (const { key } of listChunks(facts, keys.dones, names)) {
      const chunk = chunkIn(keys.dones, key);
      if (chunk) chunk.done = parseDone(key.slice(keys.dones.length)).t;
    }
    for await (const { key } of listChunks(facts, keys.parts, names)) chunkIn(keys.parts, key)?.parts.push(key);
    for await (const entry of listChunks(facts, keys.logs, names)) chunkIn(keys.logs, entry.key)?.logs.push(entry);
    return listed;
  }
}

function chunkOf(ledger: Ledger, task: number): Chunk | undefined {
  const s = ledger.segments.findIndex((row) => task >= row.task && task < row.task + row.count);
  const row = ledger.segments[s];
  return row && chunkAt(ledger, { s, i: Math.floor((task - row.task) / row.chunk) });
}

/**
 * Shortest and longest wait between two looks for new output, in milliseconds. Directory 2 and 250; S3 1,000 and 1,250: four listings
 * each, 6 cents an hour.
 */
function looksOf({ poll: [shortest, longest] }: StorePace): readonly [number, number] {
  return [shortest, Math.max(shortest, Math.min(longest / 4, Math.max(250, shortest * 1.25)))];
}
