import { costOfRequests } from "../../costs.ts";
import type { Cost, CostEstimator, StoreRates } from "../../costs.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts, Usage } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import { parseJson } from "../../protocol/lines.ts";
import type { StoreRequests } from "../../store.ts";

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

/** Of this client until now, and of every other process as it last said: a worker in its last word, or in a hint. */
export async function readUsage(
  facts: Facts,
  keys: SessionKeys,
  client: string | undefined,
  costs: CostEstimator,
): Promise<SessionUsage> {
  const total = { ...facts.usage };
  const rates = await costs.store();
  const words = await wordsOf(facts, keys, client);
  const told = await Promise.all(words.map(usageIn));
  for (const usage of told) if (usage) add(total, usage);
  const { lost, sent, received, ...requests } = total;
  const cost = rates && costOfRequests(requests, rates.requests);
  return {
    requests,
    lost,
    bytes: { sent, received },
    unheard: told.filter((usage) => usage === undefined).length,
    ...(rates && cost ? { cost: { requests: cost, rates } } : {}),
  };

  /** What a process has sent is the sum over its lives: the newest that tells is enough. */
  async function usageIn(keysOfProcess: readonly string[]): Promise<Usage | undefined> {
    for (const key of keysOfProcess) {
      const bytes = await facts.get(key);
      const usage = bytes && (parseJson(bytes) as { readonly usage?: Usage }).usage;
      if (usage) return usage;
    }
    return undefined;
  }
}

/** For each process of the session, other than this client, where it may have said what it sent; the newest first. */
async function wordsOf(facts: Facts, keys: SessionKeys, client: string | undefined): Promise<readonly string[][]> {
  const words = new Map<string, { readonly key: string; readonly life: number }[]>();
  for (const { key } of (await listAll(facts, keys.births)).entries) {
    const [n, j] = key.slice(keys.births.length).split(".").map(Number);
    words.set(`${n}.${j}`, []);
  }
  for (const prefix of [keys.gones, keys.workers]) {
    for (const { key } of (await listAll(facts, prefix)).entries) {
      const id = key.slice(prefix.length);
      if (id === client) continue;
      const [n, j, life] = id.split(".");
      const process = id.startsWith("client.") ? id : `${n}.${j}`;
      words.set(process, [...(words.get(process) ?? []), { key, life: Number(life) }]);
    }
  }
  // Stable: of one life the last word comes before the hint.
  return [...words.values()].map((found) => found.sort((a, b) => b.life - a.life).map(({ key }) => key));
}

function add(total: Usage, more: Usage): void {
  for (const kind of Object.keys(total) as (keyof Usage)[]) total[kind] += more[kind] ?? 0;
}
