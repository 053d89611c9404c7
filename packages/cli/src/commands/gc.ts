import { gc as collectGarbage } from "@skyburst/core";
import type { Garbage } from "@skyburst/core";
import { interruption } from "../interrupt.ts";
import { countOf } from "../output/count-of.ts";
import { sizeOf } from "../output/size-of.ts";
import { writeTo } from "../output/stream-output.ts";
import { table } from "../output/table.ts";
import { tell } from "../output/tell.ts";
import { composeStack } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

export interface GcFlags extends StoreFlags {
  readonly backend?: string;
  readonly olderThan?: number;
  readonly dryRun?: boolean;
}

/** Removes what nobody needs any more: first it says what that is, and how much it frees. */
export async function gc(flags: GcFlags): Promise<number> {
  const { store, backend } = await composeStack(flags);
  const { olderThan, dryRun = false, json } = flags;
  const signal = interruption();
  const found: Garbage[] = [];
  for await (const garbage of collectGarbage(store, { backend, olderThan, dryRun: true, signal })) found.push(garbage);
  signal.throwIfAborted();
  if (!json && found.length > 0) await writeTo(process.stdout, tableOf(found));
  if (dryRun) {
    if (json) for (const garbage of found) await print(garbage);
    else await tell(`would remove ${sumOf(found)}`);
    return 0;
  }
  const removed: Garbage[] = [];
  if (found.length > 0) await tell(`removing ${sumOf(found)}`);
  for await (const garbage of collectGarbage(store, { backend, olderThan, signal })) {
    removed.push(garbage);
    if (json) await print(garbage);
  }
  await tell(`removed ${sumOf(removed)}`);
  signal.throwIfAborted();
  return 0;
}

function tableOf(found: readonly Garbage[]): string {
  const rows = found.map(({ id, name = "", because, objects, bytes, workers }) => [
    id,
    name,
    because,
    String(objects),
    sizeOf(bytes),
    String(workers),
  ]);
  return table([["SESSION", "NAME", "BECAUSE", "OBJECTS", "SIZE", "WORKERS"], ...rows]);
}

function sumOf(found: readonly Garbage[]): string {
  const sum = (of: (garbage: Garbage) => number) => found.reduce((total, garbage) => total + of(garbage), 0);
  // Of some only workers were left.
  const sessions = found.filter(({ objects }) => objects > 0).length;
  const [objects, workers] = [sum((garbage) => garbage.objects), sum((garbage) => garbage.workers)];
  const parts = [
    sessions > 0
      ? `${countOf(sessions, "session")}: ${countOf(objects, "object")}, ${sizeOf(sum(({ bytes }) => bytes))}`
      : "",
    workers > 0 ? `${countOf(workers, "worker")} that nobody cared for` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing" : parts.join("; ");
}

async function print(garbage: Garbage): Promise<void> {
  await writeTo(process.stdout, `${JSON.stringify(garbage)}\n`);
}
