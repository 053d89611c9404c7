import type { WorkerSpec } from "../../backend.ts";
import type { CostEstimator, Rate } from "../../costs.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Fleet } from "../../protocol/ledger.ts";
import { parseJson } from "../../protocol/lines.ts";

/** What the workers of a launch are made of, where they run, and what one costs. */
export interface LaunchTerms {
  readonly slots: number;
  /** undefined: nobody knows. */
  readonly rate: Rate | undefined;
  /** The shortest time that is billed, in milliseconds. */
  readonly minimum: number;
}

/** Of every launch, whoever decided it, by its number. One listing, and a read for each; a price is asked for once for each kind of worker. */
export async function launchTerms(
  facts: Facts,
  keys: SessionKeys,
  fleet: Fleet | undefined,
  costs: CostEstimator,
): Promise<(launch: number) => LaunchTerms> {
  const { entries } = await listAll(facts, keys.launches);
  const rates = new Map<string, Promise<Rate | undefined>>();
  const terms = new Map<number, LaunchTerms>();
  await Promise.all(
    entries.map(async ({ key }) => {
      const bytes = await facts.get(key);
      if (!bytes) return;
      const { backend, spec } = parseJson(bytes) as { readonly backend: string; readonly spec: WorkerSpec };
      terms.set(Number(key.slice(keys.launches.length)), await termsOf(backend, spec));
    }),
  );
  const others = await termsOf(fleet?.backend, fleet?.spec ?? {});
  return (launch) => terms.get(launch) ?? others;

  async function termsOf(backend: string | undefined, spec: WorkerSpec): Promise<LaunchTerms> {
    const kind = `${backend}/${JSON.stringify(spec)}`;
    const rate = rates.get(kind) ?? costs.worker(spec, backend);
    rates.set(kind, rate);
    const minimum = backend === fleet?.backend ? (fleet?.minimumBilling ?? 0) : 0;
    return { slots: spec.slots ?? 1, rate: await rate, minimum };
  }
}
