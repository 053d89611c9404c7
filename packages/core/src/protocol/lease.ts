import { jsonBody, parseJson } from "./lines.ts";
import type { Cut } from "./cut.ts";
import { budgetOf, spentOf } from "./budgets.ts";
import type { BudgetOptions } from "./budgets.ts";
import type { Item, Items } from "./items.ts";

/**
 * A worker's right to run a turn of a chunk. Epoch 1 fixes what the turn is; a takeover copies that and adds what it
 * knows of the owner before.
 */
export interface Lease {
  readonly v: 1;
  /** Incarnation of the worker. */
  readonly owner: string;
  readonly epoch: number;
  readonly items: Items;
  readonly cut: Cut;
  /** Retry grants used up by this turn. */
  readonly grant: number;
  readonly because: "new" | "again" | "grant" | Loss;
  /** Owners of this chunk that died of the work, and that fell silent, so far. */
  readonly crashes: number;
  readonly losses: number;
  /** What was running alone when an owner died: offset to deaths. */
  readonly suspects?: Readonly<Record<string, Deaths>>;
}

/** Why an owner before is no more. `left` counts as no death; `oom` is a crash for want of memory. */
export type Loss = "crash" | "oom" | "lost" | "left";

export interface Deaths {
  readonly crashes: number;
  readonly losses: number;
  /** Of the crashes, those for want of memory; 0 where nothing is said. */
  readonly ooms?: number;
}

/** Deaths from which on the chunk's tasks run one at a time, each announced by a `try`. */
const isolateAfter = 2;

/** Crashes alone that prove something of a task, whatever its budget: the first one may have been for another reason. */
const provingCrashes = 2;

export function leaseBody(lease: Lease): Uint8Array {
  return jsonBody(lease);
}

export function parseLeaseBody(bytes: Uint8Array): Lease {
  return parseJson(bytes) as Lease;
}

export function isolated(lease: Lease): boolean {
  return lease.crashes + lease.losses >= isolateAfter;
}

/** Why a task is run no more that ended its workers while it ran alone. */
export interface Verdict {
  readonly blame: "user" | "oom" | "lost";
  readonly deaths: number;
}

/** A task that was tried last and alone when so many owners died as its budgets do not allow for. undefined: it may be tried again. */
export function condemned(lease: Lease, item: Item, options: BudgetOptions): Verdict | undefined {
  const deaths = lease.suspects?.[item.offset];
  if (!deaths) return undefined;
  const { crashes, losses, ooms = 0 } = deaths;
  const spent = spentOf(item);
  const counts = { oom: ooms, user: crashes - ooms } as const;
  const guilty = (blame: "oom" | "user") =>
    crashes >= provingCrashes && counts[blame] > 0 && counts[blame] + (spent[blame] ?? 0) > budgetOf(options, blame);
  const blame = (["oom", "user"] as const).find(guilty) ?? (losses > budgetOf(options, "lost") ? "lost" : undefined);
  return blame && { blame, deaths: crashes + losses };
}

/**
 * The lease of the next epoch: items, cut and grant copied, never computed again.
 *
 * @param suspect Offset of the last `try` of the epoch before, if its task has no outcome.
 */
export function takeover(before: Lease, owner: string, loss: Loss, suspect: number | undefined): Lease {
  const died = { crashes: loss === "crash" || loss === "oom" ? 1 : 0, losses: loss === "lost" ? 1 : 0 };
  const counts = { crashes: before.crashes + died.crashes, losses: before.losses + died.losses };
  return {
    ...before,
    ...counts,
    owner,
    epoch: before.epoch + 1,
    because: loss,
    ...suspects(before, suspect, died, loss),
  };
}

function suspects(before: Lease, suspect: number | undefined, died: Deaths, loss: Loss): Pick<Lease, "suspects"> {
  if (suspect === undefined || died.crashes + died.losses === 0)
    return before.suspects ? { suspects: before.suspects } : {};
  const known = before.suspects?.[suspect] ?? { crashes: 0, losses: 0 };
  const ooms = (known.ooms ?? 0) + (loss === "oom" ? 1 : 0);
  const counts = { crashes: known.crashes + died.crashes, losses: known.losses + died.losses };
  const deaths = ooms > 0 ? { ...counts, ooms } : counts;
  return { suspects: { ...before.suspects, [suspect]: deaths } };
}
