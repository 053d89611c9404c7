import { jsonBody, parseJson } from "./lines.ts";
import type { Cut } from "./cut.ts";
import { budgetOf, grown, spentOf } from "./budgets.ts";
import type { BudgetOptions, MemoryGrowth } from "./budgets.ts";
import type { Item, Items } from "./items.ts";
import type { SubmissionOptions } from "./ledger.ts";

/**
 * A worker's right to run a turn of a chunk. Epoch 1 fixes what the turn is; a takeover copies that and adds what it
 * knows of the owner before.
 */
export interface Lease {
  readonly v: 1;
  /** Incarnation of the worker. */
  readonly owner: string;
  /** Bytes that the worker has, where an attempt that runs out of them is followed by one with more. */
  readonly memory?: number;
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
  /** Bytes for its next run, since its worker died for want of fewer. */
  readonly memory?: number;
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

/** What a task that was running alone is judged by. */
export type JudgedBy = BudgetOptions & Pick<SubmissionOptions, "memoryOnOom">;

/** A task that was tried last and alone when so many owners died as its budgets do not allow for. undefined: it may be tried again. */
export function condemned(lease: Pick<Lease, "suspects">, item: Item, options: JudgedBy): Verdict | undefined {
  const deaths = lease.suspects?.[item.offset];
  if (!deaths) return undefined;
  const { crashes, losses, ooms = 0, memory = 0 } = deaths;
  const spent = spentOf(item);
  const counts = { oom: ooms, user: crashes - ooms } as const;
  // Nobody has more memory than its last worker had.
  const unaided = { oom: memory > (options.memoryOnOom?.most ?? Number.POSITIVE_INFINITY), user: false } as const;
  const isOver = (blame: "oom" | "user") => counts[blame] + (spent[blame] ?? 0) > budgetOf(options, blame);
  const guilty = (blame: "oom" | "user") =>
    crashes >= provingCrashes && counts[blame] > 0 && (isOver(blame) || unaided[blame]);
  const blame = (["oom", "user"] as const).find(guilty) ?? (losses > budgetOf(options, "lost") ? "lost" : undefined);
  return blame && { blame, deaths: crashes + losses };
}

/**
 * The lease of the next epoch: items, cut and grant copied, never computed again.
 *
 * @param suspect Offset of the last `try` of the epoch before, if its task has no outcome.
 */
export function takeover(
  { memory, ...before }: Lease,
  owner: Pick<Lease, "owner" | "memory">,
  loss: Loss,
  suspect: number | undefined,
  growth?: MemoryGrowth,
): Lease {
  const died = { crashes: loss === "crash" || loss === "oom" ? 1 : 0, losses: loss === "lost" ? 1 : 0 };
  const counts = { crashes: before.crashes + died.crashes, losses: before.losses + died.losses };
  return {
    ...before,
    ...counts,
    ...owner,
    epoch: before.epoch + 1,
    because: loss,
    ...suspects(before, suspect, died, loss === "oom", growth && memory && grown(memory, growth)),
  };
}

function suspects(
  before: Lease,
  suspect: number | undefined,
  died: Deaths,
  isOom: boolean,
  more: number | undefined,
): Pick<Lease, "suspects"> {
  if (suspect === undefined || died.crashes + died.losses === 0)
    return before.suspects ? { suspects: before.suspects } : {};
  const known = before.suspects?.[suspect] ?? { crashes: 0, losses: 0 };
  const ooms = (known.ooms ?? 0) + (isOom ? 1 : 0);
  const counts = { crashes: known.crashes + died.crashes, losses: known.losses + died.losses };
  const needed = Math.max(known.memory ?? 0, isOom ? (more ?? 0) : 0);
  const deaths = { ...counts, ...(ooms > 0 ? { ooms } : {}), ...(needed > 0 ? { memory: needed } : {}) };
  return { suspects: { ...before.suspects, [suspect]: deaths } };
}
