import { costOfRequests } from "../../costs.ts";
import type { Cost, CostEstimator, StoreRates } from "../../costs.ts";
import type { Facts, Usage } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { StoreRequests } from "../../store.ts";
import { readWords } from "./words.ts";

/** What client and workers asked of the store so far. */
export interface SessionUsage {
  /** By kind, as far as the store tells also what it repeated by itself. `list` counts pages. */
  readonly requests: StoreRequests;
  /** Of the creates, those that found other bytes. */
  readonly lost: number;
  /** Bytes of objects, as they were sent and received; a listing is not counted. */
  readonly bytes: { readonly sent: number; readonly received: number };
  /** Worker processes that never said what they sent: too young, or killed before their first word. Their share is missing. */
  readonly unheard: number;
  /** What the requests cost, by `rates`. Undefined: nobody knows the prices of this store. */
  readonly cost?: { readonly requests: Cost; readonly rates: StoreRates } | undefined;
}

/** Of this client until now, and of every other process as it last said. */
export async function readUsage(
  facts: Facts,
  keys: SessionKeys,
  client: string | undefined,
  costs: CostEstimator,
): Promise<SessionUsage> {
  const own = { ...facts.usage };
  const rates = await costs.store();
  const told = (await readWords(facts, keys, client)).map(({ usage }) => usage);
  return { ...sumOfUsage([own, ...told]), ...pricedUsage(own, told, rates) };
}

function pricedUsage(own: Usage, told: readonly (Usage | undefined)[], rates: StoreRates | undefined) {
  const cost = rates && costOfRequests(sumOfUsage([own, ...told]).requests, rates.requests);
  return rates && cost ? { cost: { requests: cost, rates } } : {};
}

/** What all of them asked for; undefined: a process that did not say. */
export function sumOfUsage(all: readonly (Usage | undefined)[]): Omit<SessionUsage, "cost"> {
  const total: Usage = { create: 0, lost: 0, get: 0, list: 0, put: 0, delete: 0, sent: 0, received: 0 };
  for (const usage of all) {
    for (const kind of Object.keys(total) as (keyof Usage)[]) total[kind] += usage?.[kind] ?? 0;
  }
  const { lost, sent, received, ...requests } = total;
  return { requests, lost, bytes: { sent, received }, unheard: all.filter((usage) => usage === undefined).length };
}
