import { teardown as tearDown } from "@skyburst/core";
import type { TornDown } from "@skyburst/core";
import { interruption } from "../interrupt.ts";
import { countOf } from "../output/count-of.ts";
import { writeTo } from "../output/stream-output.ts";
import { table } from "../output/table.ts";
import { tell } from "../output/tell.ts";
import { composeStack } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";

export interface TeardownFlags extends StoreFlags {
  readonly backend?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Removes what a backend has left at its provider. */
export async function teardown(flags: TeardownFlags): Promise<number> {
  const { store, backend } = await composeStack(flags);
  const { force, dryRun = false, json } = flags;
  const done = await tearDown(store, backend, { force, dryRun, signal: interruption() });
  if (json) for (const remnant of done.removed) await writeTo(process.stdout, `${JSON.stringify(remnant)}\n`);
  else if (done.removed.length > 0) await writeTo(process.stdout, tableOf(done));
  await tell(sentence(done, backend.name, dryRun));
  return 0;
}

function sentence({ workers, removed }: TornDown, backend: string, dryRun: boolean): string {
  const [end, remove] = dryRun ? ["would end", "would remove"] : ["ended", "removed"];
  const kinds = [...new Set(removed.map(({ kind }) => kind))];
  const counts = kinds.map((kind) => countOf(removed.filter((one) => one.kind === kind).length, kind));
  const parts = [
    ...(workers > 0 ? [`${end} ${countOf(workers, "worker")}`] : []),
    ...(counts.length > 0 ? [`${remove} ${counts.join(" and ")}`] : []),
  ];
  return parts.length === 0 ? `nothing of ours is left on ${backend}` : `${parts.join(", ")} on ${backend}`;
}

function tableOf({ removed }: TornDown): string {
  const rows = removed.map(({ kind, name, sessionId = "" }) => [kind, name, sessionId]);
  return table([["KIND", "NAME", "SESSION"], ...rows]);
}
