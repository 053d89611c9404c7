import { attachSession } from "../src/session/attach.ts";
import type { AttachedSession } from "../src/session/attached.ts";
import { grantsOf, chunkNumbered } from "../src/protocol/chunk.ts";
import type { Chunk } from "../src/protocol/chunk.ts";
import { claimFresh, claimNext, hasNextTurn, readSummary } from "../src/protocol/claim.ts";
import { facts as factsOf } from "../src/protocol/facts.ts";
import type { Facts } from "../src/protocol/facts.ts";
import { itemAt } from "../src/protocol/items.ts";
import type { Item } from "../src/protocol/items.ts";
import { indexKey, sessionKeys } from "../src/protocol/keys.ts";
import type { SessionKeys } from "../src/protocol/keys.ts";
import type { CreateOperation, Ledger, Operation } from "../src/protocol/ledger.ts";
import { jsonBody } from "../src/protocol/lines.ts";
import { appendEntry, readLedger } from "../src/protocol/read-ledger.ts";
import type { Turn } from "../src/protocol/turn.ts";
import type { Runtime } from "../src/runtime.ts";
import { MemoryStore, virtualRuntime } from "./memory-store.ts";

/** What a task comes to when it is run. `again`: nothing final, it is carried over. */
export type Play = "succeeded" | "failed" | "cancelled" | "again";

const task = { kind: "command", name: "c", argv: ["true"], substitute: false } as const;
const options = { retries: 0, backoff: 1, concurrency: 1, grace: 1 };

/** A session in memory whose workers are played: each of their steps is one call. */
export class PlayedSession {
  readonly store: MemoryStore;
  readonly runtime: Runtime;
  readonly id = "0000000-aaaa";
  readonly keys: SessionKeys = sessionKeys(this.id);
  readonly facts: Facts;
  #ordinal = 0;
  #runs = 0;

  constructor(store = new MemoryStore(), runtime = virtualRuntime()) {
    this.store = store;
    this.runtime = runtime;
    this.facts = factsOf(store, runtime);
  }

  async create(more: Partial<CreateOperation> = {}): Promise<void> {
    await this.store.create(indexKey(this.id), jsonBody({ v: 1, created: 0 }));
    await this.enter({ op: "create", created: 0, ttl: 1000, commitInterval: 100, linger: 0, crashBudget: 20, ...more });
  }

  /** One entry behind all others. */
  async enter(...operations: Operation[]): Promise<Ledger> {
    const writing = { actor: "client.test", ordinal: this.#ordinal++, operations };
    const { ledger } = await appendEntry(this.facts, this.keys, await readLedger(this.facts, this.keys), writing);
    return ledger;
  }

  /** A submission of `count` tasks in chunks of `chunk`. */
  async submit(id: string, count: number, chunk: number, end = true): Promise<void> {
    const operations: Operation[] = [
      { op: "open", submission: id, task, options },
      { op: "append", submission: id, from: 0, counts: [count], chunk },
    ];
    if (end) operations.push({ op: "end", submission: id });
    await this.enter(...operations);
  }

  async ledger(): Promise<Ledger> {
    const ledger = await readLedger(this.facts, this.keys);
    if (!ledger) throw new Error("The session is not there.");
    return ledger;
  }

  async chunk(number: number): Promise<Chunk> {
    const chunk = chunkNumbered(await this.ledger(), number);
    if (!chunk) throw new Error(`There is no chunk ${number}.`);
    return chunk;
  }

  /** Leases the next turn of a chunk, in batches of `batch`. undefined: it has none. */
  async claim(number: number, batch = 1000, owner = "0.0.0.worker"): Promise<Turn | undefined> {
    const ledger = await this.ledger();
    const chunk = await this.chunk(number);
    const { facts, keys } = this;
    const claimer = {
      facts,
      keys,
      owner,
      commitInterval: 1000 * batch,
      grants: (of: Chunk) => grantsOf(ledger, of),
      seconds: () => 1,
    };
    let t = -1;
    while (this.store.objects.has(keys.done({ s: chunk.s, i: chunk.i, t: t + 1 }))) t++;
    if (t < 0) return claimFresh(claimer, chunk);
    const done = { s: chunk.s, i: chunk.i, t };
    const summary = await readSummary(facts, keys, done);
    return hasNextTurn(chunk, summary, grantsOf(ledger, chunk)) ? claimNext(claimer, chunk, done, summary) : undefined;
  }

  /**
   * Works on a chunk: leases its next turn where none is under way, and commits one batch of two.
   *
   * @param turns Those under way, by chunk.
   * @param play What the tasks come to, from the last one back; then they succeed.
   * @returns whether there was anything to do.
   */
  async work(turns: Map<number, Turn>, number: number, play: Play[]): Promise<boolean> {
    const turn = turns.get(number) ?? (await this.claim(number, 2));
    if (!turn) return false;
    turns.set(number, turn);
    if (await this.commit(turn, () => play.pop() ?? "succeeded")) turns.delete(number);
    return true;
  }

  /** Commits the next batch of a turn. Each outcome has a number of its own. Returns whether the turn is done. */
  async commit(turn: Turn, play: (task: number) => Play): Promise<boolean> {
    const n = turn.batches.findIndex((_, batch) => !turn.isCommitted(batch));
    const range = turn.batches[n];
    if (!range) return true;
    const lines: string[] = [];
    const failed: number[] = [];
    const again: Item[] = [];
    let succeeded = 0;
    let cancelled = 0;
    for (let position = range.first; position < range.first + range.count; position++) {
      const item = itemAt(turn.lease.items, position);
      const { chunk } = turn;
      const status = play(chunk.task + item.offset);
      if (status === "again") {
        again.push({ ...item, attempt: item.attempt + 1 });
        continue;
      }
      if (status === "succeeded") succeeded++;
      else if (status === "failed") failed.push(item.offset);
      else cancelled++;
      const value =
        status === "succeeded"
          ? `,"value":${this.#runs++}`
          : status === "failed"
            ? `,"error":{"name":"Error","message":"${this.#runs++}"},"blame":"user"`
            : "";
      lines.push(
        `{"index":${chunk.index + item.offset},"task":${chunk.task + item.offset},"status":"${status}"${value},"attempts":1,"seconds":0}\n`,
      );
    }
    const bytes = [new TextEncoder().encode(lines.join(""))];
    await turn.commit(n, { lines: bytes, succeeded, failed, cancelled, again, seconds: 0, blobs: 0, logs: [] });
    return n === turn.batches.length - 1;
  }

  /** Leases and ends the next turn of a chunk. */
  async run(number: number, play: (task: number) => Play = () => "succeeded"): Promise<boolean> {
    const turn = await this.claim(number);
    if (!turn) return false;
    while (!(await this.commit(turn, play)));
    return true;
  }

  attach(): Promise<AttachedSession> {
    return attachSession(this.store, this.id, { runtime: this.runtime });
  }
}
