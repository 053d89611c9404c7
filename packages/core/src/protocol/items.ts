import type { Json } from "../store.ts";
import type { Blame } from "../outcome.ts";
import type { Budgets } from "./ledger.ts";

/** One task that a turn has to bring to an end: `offset` counts in the chunk. */
export interface Item {
  readonly offset: number;
  /** Number of the attempt to come, from 1. Grows only after an attempt that failed. */
  readonly attempt: number;
  /** Store time before which it does not start. Fixed once, carried on unchanged. */
  readonly notBefore?: number;
  /** Of the last attempt. */
  readonly error?: Json;
  readonly blame?: Blame;
  /** Failures so far, by blame. Left out while all were of one kind: then they are `attempt` - 1 of `blame`. */
  readonly spent?: Budgets;
  /** Bytes that its worker has to have, since an attempt ran out of fewer. Fixed once, carried on unchanged. */
  readonly memory?: number;
}

/**
 * Items of a turn. A number n stands for the whole chunk of n tasks at attempt 1, which is what a first turn has; it keeps
 * the bodies of a million plain tasks small.
 */
export type Items = number | readonly Item[];

export function itemCount(items: Items): number {
  return typeof items === "number" ? items : items.length;
}

export function itemAt(items: Items, position: number): Item {
  if (typeof items === "number") return { offset: position, attempt: 1 };
  const item = items[position];
  if (!item) throw new RangeError(`A turn of ${items.length} items has none at ${position}.`);
  return item;
}
