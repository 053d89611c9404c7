import type { Chunk } from "../../protocol/chunk.ts";
import type { LeaseId, Range } from "../../protocol/keys.ts";
import type { Grant } from "../../protocol/ledger.ts";

/** What a turn that is done leaves. */
export interface Left {
  /** There is another turn. */
  readonly again: boolean;
  /** Some task of the chunk has failed, which a later grant may start again. */
  readonly failed: boolean;
  /** Retry grants that it knew. */
  readonly grant: number;
}

/** How far a chunk was told that may have more to tell. */
export interface ToldTurn {
  t: number;
  /** Leases of the turn. */
  epochs: number;
  /** Positions of the turn before this one are in commits that were told; of those behind it, these batches are, by their first. */
  upTo: number;
  beyond: Map<number, number>;
  done: boolean;
}

/** How far each chunk of a session was told. Of one that is over only that is kept. */
export class ToldChunks {
  /** All chunks before this one are over, and so are these. */
  overUpTo = 0;
  readonly over = new Set<number>();
  /** Over, unless a grant behind so many starts failed tasks of it again. */
  readonly failed = new Map<number, { readonly t: number; readonly grant: number }>();
  readonly running = new Map<number, ToldTurn>();

  /** Nothing more comes of it, as far as these grants of its submission tell. */
  isOver(number: number): boolean {
    return number < this.overUpTo || this.over.has(number);
  }

  isDone(number: number, grants: () => { readonly chunk: Chunk; readonly grants: readonly Grant[] }): boolean {
    if (this.isOver(number)) return true;
    const failed = this.failed.get(number);
    if (!failed) return false;
    const { chunk, grants: all } = grants();
    const startsSome = (grant: Grant) =>
      grant === "all" || grant.some((task) => task >= chunk.task && task < chunk.task + chunk.count);
    return !all.slice(failed.grant).some(startsSome);
  }

  /** The turn that was told last. */
  turn(number: number): Readonly<ToldTurn> {
    const failed = this.failed.get(number);
    return (
      this.running.get(number) ?? {
        t: failed?.t ?? -1,
        epochs: 0,
        upTo: 0,
        beyond: new Map(),
        done: true,
      }
    );
  }

  leased({ chunk, t, e }: LeaseId & { readonly chunk: number }): void {
    this.failed.delete(chunk);
    const known = this.running.get(chunk);
    if (known && known.t === t) known.epochs = e;
    else this.running.set(chunk, { t, epochs: e, upTo: 0, beyond: new Map(), done: false });
  }

  committed(number: number, { first, count }: Range): void {
    const turn = this.running.get(number);
    if (!turn) return;
    turn.beyond.set(first, count);
    for (let next = turn.beyond.get(turn.upTo); next !== undefined; next = turn.beyond.get(turn.upTo)) {
      turn.beyond.delete(turn.upTo);
      turn.upTo += next;
    }
  }

  done(number: number, { again, failed, grant }: Left): void {
    const turn = this.running.get(number);
    if (!turn) return;
    turn.done = true;
    if (again) return;
    this.running.delete(number);
    if (failed) this.failed.set(number, { t: turn.t, grant });
    else this.#end(number);
  }

  #end(number: number): void {
    this.over.add(number);
    while (this.over.delete(this.overUpTo)) this.overUpTo++;
  }
}

/** Whether the batch that begins there was told. */
export function hasBatch(turn: Pick<ToldTurn, "upTo" | "beyond">, first: number): boolean {
  return first < turn.upTo || turn.beyond.has(first);
}

/** Positions of the turn in batches that were told. */
export function toldPositions({ upTo, beyond }: Pick<ToldTurn, "upTo" | "beyond">): number {
  let positions = upTo;
  for (const count of beyond.values()) positions += count;
  return positions;
}
