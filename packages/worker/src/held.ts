import { cancelledIn } from "@skyburst/core/protocol";
import type { Chunk, Ledger } from "@skyburst/core/protocol";
import { aheadSeconds, many, mostInFlight } from "./pace.ts";
import type { SlotPool } from "./slot-pool.ts";
import type { TurnRun } from "./turn-run.ts";

/** The turns that a worker holds, and what they leave to wish for. */
export class Held {
  readonly #runs = new Set<TurnRun>();
  /** Chunks whose next turn is being leased: held, though nothing of them runs. */
  readonly #between = new Set<number>();
  readonly #pool: SlotPool;
  /** The chunk leased last. */
  #newest: Chunk | undefined;

  constructor(pool: SlotPool) {
    this.#pool = pool;
  }

  get runs(): ReadonlySet<TurnRun> {
    return this.#runs;
  }

  /** Nothing runs, and nothing is about to. */
  get nothing(): boolean {
    return this.#runs.size + this.#between.size === 0;
  }

  add(run: TurnRun): void {
    this.#runs.add(run);
    this.#newest = run.turn.chunk;
  }

  delete(run: TurnRun): void {
    this.#runs.delete(run);
  }

  has({ number }: Chunk): boolean {
    return this.#between.has(number) || [...this.#runs].some((run) => run.turn.chunk.number === number);
  }

  /** Holds the chunk while its next turn is leased. */
  async across({ number }: Chunk, lease: () => Promise<void>): Promise<void> {
    this.#between.add(number);
    try {
      await lease();
    } finally {
      this.#between.delete(number);
    }
  }

  /**
   * Turns of which something may start. A task that is suspected of killing its worker runs when nothing else does, or
   * another task would be found beside it and share its blame.
   */
  *startable(): Generator<TurnRun> {
    const runs = [...this.#runs];
    if (runs.some((run) => run.isolated && run.assigned > 0)) return;
    yield* runs.filter((run) => !run.isolated);
    if (runs.every((run) => run.assigned === 0)) yield* runs.filter((run) => run.isolated);
  }

  /** What the ledger says that ends what runs. */
  heed(run: TurnRun, ledger: Ledger): void {
    const { chunk } = run.turn;
    // Its outcomes would be deleted, or be left behind for nobody.
    if (ledger.removed) return run.leave(true);
    if (ledger.submissions[chunk.row.submission]?.cancelled) return run.cancel();
    const cancelled = cancelledIn(ledger, chunk);
    if (cancelled.length > 0) run.cancelTasks(cancelled);
  }

  /** Milliseconds until all that is held will have been committed once more, as far as was measured; infinite when nobody knows. */
  untilCommit(): number {
    return this.#time((run) => run.untilCommit);
  }

  /** The same, until all of it has ended. */
  untilEnd(): number {
    return this.#time((run) => (run.untilCommit === undefined ? undefined : run.open + run.assigned));
  }

  #time(itemsOf: (run: TurnRun) => number | undefined): number {
    let seconds = 0;
    for (const run of this.#runs) {
      const each = this.#pool.seconds(run.turn.chunk.submission);
      const items = itemsOf(run);
      if (each === undefined || items === undefined) return Number.POSITIVE_INFINITY;
      seconds += each * items;
    }
    return (seconds / this.#pool.count) * 1000;
  }

  /** Chunks that would keep every slot busy a little longer. */
  appetite(): number {
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
}
