import { Batch, commitLimit } from "./batch.ts";
import type { FailedOn, Run } from "./batch.ts";
import { encodeLine } from "./line.ts";
import { isFull } from "./is-full.ts";
import type { AttemptLog } from "./log/attempt-log.ts";
import type { LogWriter } from "./log/log-writer.ts";
import { condemnation } from "./condemnation.ts";
import type { Mask } from "./secrets/mask.ts";
import { spill } from "./spill.ts";
import type { Assignment, AssignmentEnd, Report, RunSignals, Tell } from "./slot.ts";
import type { Stop, Stops } from "./stops.ts";
import type { WorkDone } from "./work-done.ts";
import { condemned, defaultLogLimit, isolated, itemAt, sliceItems, sliceSegment } from "@skyburst/core/protocol";
import type { BatchResult, Chunk, Facts, Items, Segment, SessionKeys, Spares, Turn } from "@skyburst/core/protocol";

/** Most bytes of logs that ride in one commit: whoever reads outcomes reads them as well. */
const mostRiding = 1_000_000;

/** What a run needs of its worker. */
export interface TurnHost {
  readonly session: string;
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly logs: LogWriter;
  readonly stops: Stops;
  readonly spares: Spares;
  readonly work: WorkDone;
  /** What must not be seen. */
  readonly mask: Mask | undefined;
  /** Milliseconds of work per batch. */
  readonly commitInterval: number;
  /** Bytes that the worker has; undefined: nobody has set it a limit. */
  readonly memory: number | undefined;
  monotonic(): number;
  /** The store's clock, as last heard plus monotonic time since. */
  storeNow(): number;
  /** There may be something new to assign, or the run ended. */
  wake(): void;
  /** The worker can't go on. */
  failed(error: unknown): void;
}

export type TurnEnd = "done" | "superseded" | "left";

/**
 * Runs one leased turn: gives its items out in assignments, gathers the reports into batches, commits them.
 *
 * States: running → (cancelling | leaving) → ended. Cancelling runs nothing more and commits what is left as cancelled;
 * leaving gives nothing more out, and what is committed then carries the rest over.
 */
export class TurnRun {
  readonly turn: Turn;
  /** What its tasks are called. */
  readonly #names: Pick<Chunk, "index" | "task">;
  readonly ended: Promise<TurnEnd>;
  /** Monotonic time of the newest fact under this chunk. */
  lastFact: number;
  readonly #host: TurnHost;
  readonly #inputs: Segment;
  readonly #batches: readonly Batch[];
  readonly #logs = new Map<number, AttemptLog>();
  /** Blobs and log objects on their way to the store: a batch is committed after them. */
  readonly #storing = new Map<Batch, Promise<void>[]>();
  /** What was given out and has not ended. */
  readonly #given = new Set<Given>();
  /** Positions of tasks that were cancelled one by one. */
  #cancelled: ReadonlySet<number> = new Set();
  #end: (end: TurnEnd) => void = ignore;
  #fail: (error: unknown) => void = ignore;
  #state: "running" | "cancelling" | "leaving" | "ended" = "running";
  #committing = false;
  #isolated: boolean;

  constructor(host: TurnHost, turn: Turn, inputs: Segment) {
    this.#host = host;
    this.turn = turn;
    this.#inputs = inputs;
    this.lastFact = host.monotonic();
    this.#isolated = isolated(turn.lease);
    this.#names = namesOf(turn.chunk);
    this.#batches = turn.batches.map((range, n) => {
      const batch = new Batch(this.#names, turn.lease.items, range);
      batch.committed = turn.isCommitted(n);
      return batch;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
  }

  /** Items that could be given out, as far as is known now. */
  get open(): number {
    if (this.#state !== "running") return 0;
    let open = 0;
    for (const batch of this.#batches) if (!batch.committed) open += batch.open;
    return open;
  }

  /** Its tasks run one at a time, with nothing beside them. */
  get isolated(): boolean {
    return this.#isolated;
  }

  get assigned(): number {
    let assigned = 0;
    for (const batch of this.#batches) assigned += batch.assigned;
    return assigned;
  }

  /** Items that end before its next commit; undefined when nothing is left to commit, or some of them wait for their time. */
  get untilCommit(): number | undefined {
    if (this.#state !== "running" || this.#isolated) return undefined;
    const next = this.#batches.find(({ committed }) => !committed);
    if (!next || (next.open > 0 && next.notBefore() > this.#host.storeNow())) return undefined;
    return next.assigned + next.open;
  }

  /** Up to `most` items of one batch; undefined when nothing can start now. */
  async next(most: number): Promise<
    | {
        readonly assignment: Assignment;
        readonly report: Tell;
        readonly end: (end: AssignmentEnd, lost: number) => void;
        readonly signals: RunSignals;
        readonly withdraw: () => void;
      }
    | undefined
  > {
    if (this.#state !== "running" || (this.#isolated && this.assigned > 0)) return undefined;
    const host = this.#host;
    for (const batch of this.#batches) {
      if (batch.committed || batch.open === 0) continue;
      // In item order, so that the last `try` tells what ran last.
      if (this.#isolated && !batch.firstIsReady(host.storeNow())) return undefined;
      const run = batch.take(this.#isolated ? 1 : most, host.storeNow(), host.monotonic());
      if (!run) continue;
      if (this.#isolated && !(await this.#tryAlone(batch, run.from))) return this.next(most);
      return this.#assign(batch, run);
    }
    return undefined;
  }

  /** Milliseconds until something may start, 0 or less when it may now; undefined when only something else's end makes it so. */
  wait(): number | undefined {
    if (this.#state !== "running" || (this.#isolated && this.assigned > 0)) return undefined;
    const open = this.#batches.filter((batch) => !batch.committed && batch.open > 0);
    if (open.length === 0) return undefined;
    const first = this.#isolated ? open[0]?.firstNotBefore() : undefined;
    return (first ?? Math.min(...open.map((batch) => batch.notBefore()))) - this.#host.storeNow();
  }

  /** Ends everything that is not final as cancelled. */
  cancel(): void {
    if (this.#state === "cancelling" || this.#state === "ended") return;
    this.#state = "cancelling";
    this.#abort();
    for (const batch of this.#batches) if (!batch.committed) batch.cancelOpen();
    this.#settle();
  }

  /** Ends these as cancelled, unless they have their outcome: offsets of tasks in the chunk. */
  cancelTasks(offsets: readonly number[]): void {
    if (this.#state === "cancelling" || this.#state === "ended") return;
    const { items } = this.turn.lease;
    this.#cancelled = new Set(offsets.flatMap((offset) => positionOf(items, offset) ?? []));
    for (const { run, stop } of this.#given) if (within(run, this.#cancelled)) stop.abort();
    for (const batch of this.#batches) if (!batch.committed) batch.cancelOpen(this.#cancelled);
    this.#settle();
  }

  /** Gives nothing more out. `stop` also stops what runs; without it, what runs may finish. */
  leave(stop: boolean): void {
    if (this.#state === "ended" || this.#state === "cancelling") return;
    this.#state = "leaving";
    for (const given of this.#given) given.stop.drain();
    if (stop) this.#abort();
    this.#settle();
  }

  /** The worker has failed, and is about to end what runs: what becomes of that is nobody's outcome. */
  abandon(): void {
    this.#state = "ended";
  }

  /** Commits what time alone has made due. */
  tick(): void {
    if (this.#state === "running") this.#settle();
  }

  /** Announces a task that runs alone. false: it is condemned, and failed without another run. */
  async #tryAlone(batch: Batch, position: number): Promise<boolean> {
    const { lease, id } = this.turn;
    const item = itemAt(lease.items, position);
    const { chunk } = this.turn;
    const verdict = condemned(lease, item, chunk.submission.options);
    if (verdict) {
      const { session, memory } = this.#host;
      batch.condemned(position, condemnation(verdict, session, chunk.task + item.offset, memory));
      this.#settle();
      return false;
    }
    await this.#host.facts.create(this.#host.keys.try(id, item.offset), empty);
    this.lastFact = this.#host.monotonic();
    return true;
  }

  #assign(batch: Batch, run: Run) {
    const { chunk, lease } = this.turn;
    const assignment: Assignment = {
      submission: chunk.submission,
      ...this.#names,
      ...assigned(lease.items, run, this.#inputs),
    };
    const at = (position: number) => run.from + position;
    const given = { run, stop: this.#host.stops.take() };
    this.#given.add(given);
    // A task that runs alone is announced first, and much may have happened meanwhile.
    if (this.#state !== "running" || within(run, this.#cancelled)) given.stop.abort();
    return {
      assignment,
      signals: given.stop.signals,
      withdraw: () => given.stop.drain(),
      report: (report: Report) =>
        this.#state === "ended" ? undefined : this.#report(batch, at(report.position), report),
      end: (end: AssignmentEnd, lost: number) => {
        this.#given.delete(given);
        this.#host.stops.giveBack(given.stop);
        // What is cancelled nobody has to do again.
        if (this.#state !== "cancelling") this.#host.work.returned(lost);
        if (this.#state === "ended") return;
        batch.giveBack(end.unstarted.map(at));
        for (const position of end.aborted.map(at)) {
          const unlogged = this.#logs.get(position)?.lost;
          if (this.#state === "cancelling" || this.#cancelled.has(position)) batch.cancelled(position);
          else if (unlogged) this.#noRoom(batch, position, "printed", unlogged);
          else batch.carried(position);
        }
        batch.cancelOpen(this.#state === "cancelling" ? undefined : this.#cancelled);
        this.#settle();
      },
    };
  }

  #report(batch: Batch, position: number, report: Report): void | Promise<void> {
    if (report.kind === "log") return this.#log(position, report);
    const lost = this.#logs.get(position)?.lost;
    if (lost && (report.kind !== "lines" || report.count === 1)) return this.#noRoom(batch, position, "printed", lost);
    this.#over(position, report.kind === "lines" ? report.count : 1);
    switch (report.kind) {
      case "lines":
        if (batch.bytes + report.bytes.length > commitLimit)
          return this.#store(batch, () => this.#spill(batch, position, report));
        return batch.succeeded({ ...report, position });
      case "large":
        return this.#store(batch, () => this.#storeLarge(batch, position, report));
      case "failed":
        if (batch.failed(position, this.#masked(report), this.turn.chunk.submission.options, this.#where()))
          this.#host.work.retried(report.seconds);
        return undefined;
    }
  }

  #masked(failure: Extract<Report, { kind: "failed" }>): Extract<Report, { kind: "failed" }> {
    const { mask } = this.#host;
    return mask ? { ...failure, error: mask.json(failure.error) } : failure;
  }

  #where(): FailedOn {
    return { storeNow: this.#host.storeNow(), memory: this.#host.memory };
  }

  #store(batch: Batch, write: () => Promise<void>): void {
    const writes = this.#storing.get(batch) ?? [];
    this.#storing.set(batch, writes);
    writes.push(write().catch((error: unknown) => this.#fail(error)));
  }

  async #storeLarge(
    batch: Batch,
    position: number,
    { parts, seconds }: Extract<Report, { kind: "large" }>,
  ): Promise<void> {
    const { lease, id } = this.turn;
    const item = itemAt(lease.items, position);
    const key = this.#host.keys.blob(id, item.offset);
    const bytes = Buffer.concat(parts);
    const line = encodeLine(this.#names, item, { status: "succeeded", blob: { key, bytes: bytes.length }, seconds });
    if (await this.#storeBlob(batch, position, { key, bytes })) batch.stored(position, line, seconds);
    this.#settle();
  }

  async #spill(
    batch: Batch,
    position: number,
    { bytes, count, seconds }: Extract<Report, { kind: "lines" }>,
  ): Promise<void> {
    let at = position;
    for (const { line, body } of spill(bytes, (offset) => this.#host.keys.blob(this.turn.id, offset), this.#names)) {
      if (await this.#storeBlob(batch, at, body)) batch.stored(at, line, seconds / count);
      at++;
    }
    this.#settle();
  }

  /** false: there is no room for it, and its task has failed for that. */
  async #storeBlob(
    batch: Batch,
    position: number,
    { key, bytes }: { readonly key: string; readonly bytes: Uint8Array },
  ): Promise<boolean> {
    try {
      await this.#host.facts.create(key, bytes);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#noRoom(batch, position, "returned", error);
      return false;
    }
    this.lastFact = this.#host.monotonic();
    return true;
  }

  #log(position: number, { channel, bytes }: Extract<Report, { kind: "log" }>): void | Promise<void> {
    const log = this.#logs.get(position) ?? this.#openLog(position);
    if (log.lost) for (const { run, stop } of this.#given) if (within(run, new Set([position]))) stop.abort();
    return log.add(channel, bytes);
  }

  /** What it did has no room in the store: on another day it may have. */
  #noRoom(batch: Batch, position: number, did: "printed" | "returned", { name, message }: Error): void {
    const error = { name, message: `What the task ${did} can't be stored: ${message}`, code: "full" };
    const failure = { error, blame: "infrastructure", seconds: 0 } as const;
    batch.failed(position, failure, this.turn.chunk.submission.options, this.#where());
  }

  #openLog(position: number): AttemptLog {
    const { chunk, lease, id } = this.turn;
    const { offset, attempt } = itemAt(lease.items, position);
    const limit = chunk.submission.options.logLimit ?? defaultLogLimit;
    const log = this.#host.logs.open({ ...id, offset, attempt }, chunk.task + offset, limit);
    this.#logs.set(position, log);
    return log;
  }

  /** What these tasks printed waits for their commit only. */
  #over(position: number, count: number): void {
    if (this.#logs.size === 0) return;
    for (let n = position; n < position + count; n++) this.#logs.get(n)?.over();
  }

  /** Commits what is complete, one batch after the other, and ends the run when nothing is left to do. */
  #settle(): void {
    if (this.#committing || this.#state === "ended") return;
    this.#committing = true;
    this.#commitAll()
      .then((end) => {
        this.#committing = false;
        if (end) this.#finish(end);
        // What came in while the last commit was on its way.
        else if (this.#nextComplete() !== undefined) this.#settle();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  async #commitAll(): Promise<TurnEnd | undefined> {
    for (;;) {
      const n = this.#nextComplete();
      const batch = n === undefined ? undefined : this.#batches[n];
      if (n === undefined || !batch) {
        if (this.#batches.every(({ committed }) => committed)) return "done";
        if (this.#state !== "leaving" || this.assigned > 0) return undefined;
        await this.#writeLogs();
        return "left";
      }
      await Promise.all(this.#storing.get(batch) ?? []);
      const logs = await this.#endLogs(batch);
      const { spares } = this.#host;
      if ((await this.turn.commit(n, batch.result(logs), spares)) === "superseded") return "superseded";
      batch.committed = true;
      for (const memory of batch.memories) spares.give(memory);
      this.lastFact = this.#host.monotonic();
    }
  }

  /** The next batch that can be committed. The last one of the turn comes after all others. */
  #nextComplete(): number | undefined {
    const { monotonic, commitInterval } = this.#host;
    for (const [n, batch] of this.#batches.entries()) {
      if (batch.committed) continue;
      batch.closeIfOverdue(monotonic(), 3 * commitInterval);
      const waits = batch.assigned === 0 && batch.open > 0 && batch.notBefore() > this.#host.storeNow();
      // What waits for its time, or will not run here any more, doesn't hold back what is done.
      if (batch.brings && (waits || this.#state === "leaving")) batch.close();
      if (!batch.complete || !batch.brings) continue;
      if (n < this.#batches.length - 1 || this.turn.canFinish()) return n;
    }
    return undefined;
  }

  async #endLogs(batch: Batch): Promise<BatchResult["logs"]> {
    if (this.#logs.size === 0) return [];
    const logs: { log: NonNullable<Awaited<ReturnType<AttemptLog["end"]>>>["log"]; bytes: Uint8Array }[] = [];
    const { first, count } = batch.range;
    let room = mostRiding;
    for (let position = first; position < first + count; position++) {
      const log = this.#logs.get(position);
      this.#logs.delete(position);
      const ride = log && (await this.#host.logs.end(log, room));
      if (!ride) continue;
      logs.push(ride);
      room -= ride.bytes.length;
    }
    return logs;
  }

  #abort(): void {
    for (const { stop } of this.#given) stop.abort();
  }

  /** What was printed by tasks whose attempt is not committed here stays readable: all of it goes to objects. */
  async #writeLogs(): Promise<void> {
    const logs = [...this.#logs.values()];
    this.#logs.clear();
    await Promise.all(logs.map((log) => this.#host.logs.end(log, 0)));
  }

  #finish(end: TurnEnd): void {
    this.#state = "ended";
    // Superseded: an owner that learns it starts no further task under that lease, and stops what it started.
    if (end === "superseded") {
      this.#abort();
      for (const batch of this.#batches) if (!batch.committed) this.#host.work.returned(batch.seconds);
      // Nobody has to wait for what an earlier owner's tasks have printed.
      this.#writeLogs().catch((error: unknown) => this.#host.failed(error));
    }
    this.#end(end);
    this.#host.wake();
  }
}

/** What was given out: positions of the turn's items, and how to stop them. */
interface Given {
  readonly run: Run;
  readonly stop: Stop;
}

function namesOf({ index, task, submission }: Chunk): Pick<Chunk, "index" | "task"> {
  const { origin = { index: 0, task: 0 } } = submission.options;
  return { index: index + origin.index, task: task + origin.task };
}

function positionOf(items: Items, offset: number): number | undefined {
  if (typeof items === "number") return offset < items ? offset : undefined;
  const position = items.findIndex((item) => item.offset === offset);
  return position < 0 ? undefined : position;
}

function within({ from, to }: Run, positions: ReadonlySet<number>): boolean {
  for (const position of positions) if (position >= from && position < to) return true;
  return false;
}

function assigned(
  items: Items,
  { from, to }: Run,
  inputs: Segment,
): Pick<Assignment, "offsets" | "attempts" | "inputs"> {
  if (typeof items === "number")
    return { offsets: { first: from, count: to - from }, inputs: sliceSegment(inputs, from, to - from) };
  const own = items.slice(from, to);
  return {
    offsets: own.map(({ offset }) => offset),
    attempts: own.map(({ attempt }) => attempt),
    inputs: sliceItems(inputs, own),
  };
}

const empty = new Uint8Array();

function ignore(): void {
  // Replaced by the promise's own functions before anybody can call it.
}
