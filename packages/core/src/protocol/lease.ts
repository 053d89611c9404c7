import { jsonBody, parseJson } from "./lines.ts";
import type { Cut } from "./cut.ts";
import type { Items } from "./items.ts";

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

/** Why an owner before is no more. Only `crash` and `lost` count against the work. */
export type Loss = "crash" | "lost" | "left";

export interface Deaths {
  readonly crashes: number;
  readonly losses: number;
}

/** Deaths from which on the chunk's tasks run one at a time, each announced by a `try`. */
const isolateAfter = 2;

/** A task tried last and alone in this many deaths is failed. A silent worker may have been unplugged: it proves less. */
const condemnAfter = { crashes: 2, losses: 5 } as const;

export function leaseBody(lease: Lease): Uint8Array {
  return jsonBody(lease);
}

export function parseLeaseBody(bytes: Uint8Array): Lease {
  return parseJson(bytes) as Lease;
}

export function isolated(lease: Lease): boolean {
  return lease.crashes + lease.losses >= isolateAfter;
}

export function condemned(lease: Lease, offset: number): Deaths | undefined {
  const deaths = lease.suspects?.[offset];
  if (!deaths) return undefined;
  return deaths.crashes >= condemnAfter.crashes || deaths.losses >= condemnAfter.losses ? deaths : undefined;
}

/**
 * The lease of the next epoch: items, cut and grant copied, never computed again.
 *
 * @param suspect Offset of the last `try` of the epoch before, if its task has no outcome.
 */
export function takeover(before: Lease, owner: string, loss: Loss, suspect: number | undefined): Lease {
  const died = { crashes: loss === "crash" ? 1 : 0, losses: loss === "lost" ? 1 : 0 };
  const counts = { crashes: before.crashes + died.crashes, losses: before.losses + died.losses };
  return { ...before, ...counts, owner, epoch: before.epoch + 1, because: loss, ...suspects(before, suspect, died) };
}

function suspects(before: Lease, suspect: number | undefined, died: Deaths): Pick<Lease, "suspects"> {
  if (suspect === undefined || died.crashes + died.losses === 0)
    return before.suspects ? { suspects: before.suspects } : {};
  const known = before.suspects?.[suspect] ?? { crashes: 0, losses: 0 };
  const deaths = { crashes: known.crashes + died.crashes, losses: known.losses + died.losses };
  return { suspects: { ...before.suspects, [suspect]: deaths } };
}
