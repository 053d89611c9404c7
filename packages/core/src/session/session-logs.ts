import type { Facts } from "../protocol/facts.ts";
import { parseDone, parseLease } from "../protocol/keys.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import { chunkAt, chunkNumbered, grantsOf } from "../protocol/chunk.ts";
import type { Chunk } from "../protocol/chunk.ts";
import type { Ledger } from "../protocol/ledger.ts";
import { listChunks } from "../protocol/list-chunks.ts";
import { jsonBody } from "../protocol/lines.ts";
import type { Runtime } from "../runtime.ts";
import { ChunkLogs } from "./chunk-logs.ts";
import type { ListedChunk, LogPiece } from "./chunk-logs.ts";
import type { StorePace } from "../store.ts";
import type { LedgerView } from "./ledger-view.ts";

export interface SessionLogsOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  /** Name of this reader among those that follow the session. */
  readonly client: string;
  /** Index in the session of the one task that is asked for. */
  readonly task?: number | undefined;
}

/** The logs of a session, or of one of its tasks: now, live, or long after the end, each byte once. */
export class SessionLogs {
  readonly #options: SessionLogsOptions;
  readonly #reading = new Map<number, ChunkLogs>();
  readonly #finished = new Set<number>();
  #low = 0;
  #hinted = Number.NEGATIVE_INFINITY;

  constructor(options: SessionLogsOptions) {
    this.#options = options;
  }

  /** Everything was given out, and nothing more will come. */
  get complete(): boolean {
    const { current } = this.#options.view;
    const { task } = this.#options;
    if (task !== undefined && this.#reading.get(-1)?.finished) return true;
    return (
      current.submissions.length > 0 && current.submissions.every(({ ended }) => ended) && this.#low >= current.chunks
    );
  }

  /** What was written since the last call, in the order of tasks. */
  async *read(): AsyncGenerator<LogPiece> {
    const { view } = this.#options;
    await view.follow();
    const begun = await this.#begun(view.current);
    const listed = this.#options.task === undefined ? await this.#listed(begun) : undefined;
    for (const [number, logs] of begun) {
      yield* await logs.read(grantsOf(view.current, logs.chunk), listed?.get(logs.start.name));
      if (!logs.finished || number < 0) continue;
      this.#reading.delete(number);
      this.#finished.add(number);
    }
    while (this.#finished.delete(this.#low)) this.#low++;
  }

  /** What is written from now on, until nothing more will come or the signal fires. Workers are told to write it soon. */
  async *follow(signal?: AbortSignal): AsyncGenerator<LogPiece> {
    const { runtime, facts } = this.#options;
    const looks = looksOf(facts.store.pace);
    for (let quiet = 0; !signal?.aborted && !this.complete; quiet++) {
      const started = runtime.monotonic();
      await this.#hint(started);
      for await (const piece of this.read()) {
        quiet = 0;
        yield piece;
      }
      const wait = Math.max(looks[0] * 1.05 ** Math.min(quiet, 100), (runtime.monotonic() - started) * 10);
      if (!this.complete) await runtime.sleep(Math.min(wait, looks[1]), signal);
    }
  }

  async #hint(now: number): Promise<void> {
    const { facts, keys, client, view, task } = this.#options;
    if (now < this.#hinted + view.current.session.ttl / 3) return;
    // Without the hint output only comes later, also to who may not write here: the next look tries again.
    const told = await facts.put(keys.follow(client), jsonBody({ v: 1, logs: task ?? true, at: Math.round(now) })).then(
      () => true,
      () => false,
    );
    if (told) this.#hinted = now;
  }

  /** Readers of the chunks that were ever leased and are not finished, in order. */
  async #begun(ledger: Ledger): Promise<[number, ChunkLogs][]> {
    const { facts, keys, task } = this.#options;
    if (task !== undefined) return this.#one(ledger, task);
    const first = chunkNumbered(ledger, this.#low);
    if (!first) return [];
    const numbers = new Set<number>();
    for await (const page of facts.list(keys.leases, { after: keys.leases + keys.chunk(first) })) {
      for (const { key } of page.entries) {
        const chunk = chunkAt(ledger, parseLease(key.slice(keys.leases.length)));
        if (chunk && !this.#finished.has(chunk.number)) numbers.add(chunk.number);
      }
    }
    return [...numbers].flatMap((number) => {
      const chunk = chunkNumbered(ledger, number);
      return chunk ? [[number, this.#reader(number, chunk)]] : [];
    });
  }

  /** What there is of these chunks, told by a few listings for all of them. Logs last, which a commit may continue. */
  async #listed(begun: readonly [number, ChunkLogs][]): Promise<ReadonlyMap<string, ListedChunk>> {
    const { facts, keys } = this.#options;
    const listed = new Map<string, ListedChunk>();
    const starts = begun.map(([, { start }]) => start);
    for (const { name } of starts) listed.set(name, { done: -1, parts: [], logs: [] });
    const names = starts.map(({ name }) => ({ name }));
    const length = starts[0]?.name.length ?? 0;
    const chunkOf = (prefix: string, key: string) => listed.get(key.slice(prefix.length, prefix.length + length));
    for await (const { key } of listChunks(facts, keys.dones, names)) {
      const chunk = chunkOf(keys.dones, key);
      if (chunk) chunk.done = parseDone(key.slice(keys.dones.length)).t;
    }
    for await (const { key } of listChunks(facts, keys.parts, names)) chunkOf(keys.parts, key)?.parts.push(key);
    for await (const entry of listChunks(facts, keys.logs, starts)) chunkOf(keys.logs, entry.key)?.logs.push(entry);
    return listed;
  }

  #one(ledger: Ledger, task: number): [number, ChunkLogs][] {
    const s = ledger.segments.findIndex((row) => task >= row.task && task < row.task + row.count);
    const row = ledger.segments[s];
    const chunk = row && chunkAt(ledger, { s, i: Math.floor((task - row.task) / row.chunk) });
    return chunk ? [[-1, this.#reader(-1, chunk, task - chunk.task)]] : [];
  }

  #reader(number: number, chunk: Chunk, only?: number): ChunkLogs {
    const { facts, keys } = this.#options;
    const known = this.#reading.get(number) ?? new ChunkLogs(facts, keys, chunk, only);
    this.#reading.set(number, known);
    return known;
  }
}

/** Shortest and longest wait between two looks for new output, in milliseconds. Directory 2 and 250, S3 1,000 and 7,500. */
function looksOf({ poll: [shortest, longest] }: StorePace): readonly [number, number] {
  return [shortest, Math.max(shortest, longest / 4)];
}
