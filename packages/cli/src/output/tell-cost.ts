import type { AttachedSession, SessionCost, WorkerSpec } from "@skyburst/core";
import type { Look } from "../look.ts";
import { money } from "./money.ts";
import { tell } from "./tell.ts";
import type { Warning } from "./warning.ts";

export interface TellCostOptions {
  readonly look: Look;
  readonly quiet: boolean;
  readonly warning: Warning;
  /** What its workers are made of. Default: unknown, and so is whether they are free. */
  readonly spec?: WorkerSpec | undefined;
}

/** Says at the end of a session what it has cost, and what was to be warned of. What is free costs no look. */
export async function tellCost(
  session: AttachedSession,
  { look, quiet, warning, spec }: TellCostOptions,
): Promise<void> {
  if (spec && (await isFree(look, spec))) return;
  const status = await session.status({ requests: true });
  await warning.hearAtEnd(status);
  const said = status.cost && sentence(status.cost);
  if (said !== undefined && !quiet) await tell(said);
}

async function isFree({ backend, store, costs }: Look, spec: WorkerSpec): Promise<boolean> {
  const worker = (await costs?.worker(spec)) ?? (await backend.rate?.(spec));
  const rates = (await costs?.store()) ?? (await store.rates?.());
  if (worker?.amount !== 0 || rates === undefined) return false;
  return Object.values(rates.requests).every(({ amount }) => amount === 0);
}

/** undefined: it was free, as far as anybody knows. */
function sentence({ total, workers, requests }: SessionCost): string | undefined {
  const parts = Object.entries({ workers, requests }).flatMap(([kind, cost]) =>
    cost && cost.amount > 0 ? [`${money(cost)} for ${kind}`] : [],
  );
  if (parts.length === 0) return undefined;
  const sum = total && parts.length > 1 ? `${money(total)}: ` : "";
  return `it has cost ${sum}${parts.join(", ")}${workers ? "" : "; nobody knows what its workers cost"}`;
}
