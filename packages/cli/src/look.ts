import { local } from "@skyburst/backend-local";
import { attachSession } from "@skyburst/core";
import type { AttachedSession, Backend, CostEstimator, Rate, StateStore } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Fleet } from "@skyburst/core/protocol";
import { loadConfig } from "./config.ts";
import { storeOf } from "./stack.ts";
import type { Stack, StoreFlags } from "./stack.ts";

/** By what a session is looked at: where it is, and who may know what its workers cost. */
export type Look = Pick<Stack, "store" | "backend" | "backends" | "costs">;

/** Of commands that only look. They work without the configuration, where the store is named: prices of workers are unknown then. */
export async function composeLook(flags: StoreFlags): Promise<Look> {
  const config = flags.store === undefined || flags.config !== undefined ? await loadConfig(flags.config) : {};
  return {
    store: await storeOf(flags, config),
    backend: config.backend ?? local(),
    backends: config.backends ?? {},
    costs: config.costs,
  };
}

/** What one worker of a session costs per hour now, as far as it is known here. */
export async function workerRateOf(look: Look, id: string): Promise<Rate | undefined> {
  const fleet = await fleetOf(look.store, id);
  const backend = [look.backend, ...Object.values(look.backends)].find(({ name }) => name === fleet?.backend);
  const spec = fleet?.spec ?? {};
  return (await look.costs?.worker(spec)) ?? (await backend?.rate?.(spec));
}

/** Comes to a session, and tells what its workers cost as far as the backend that runs them is known here. */
export async function attachTo(look: Look, called: string): Promise<AttachedSession> {
  const { store, costs } = look;
  if (costs) return attachSession(store, called, { costs });
  const backends = [look.backend, ...Object.values(look.backends)];
  const [only] = backends;
  if (only && backends.length === 1) return attachSession(store, called, { costs: costsOf(only) });
  const { id } = await attachSession(store, called);
  const fleet = await fleetOf(store, id);
  const backend = backends.find(({ name }) => name === fleet?.backend);
  return attachSession(store, id, backend ? { costs: costsOf(backend) } : {});
}

/** What a backend says of its own workers; the store is asked for the rest. */
function costsOf(backend: Backend): CostEstimator {
  return {
    worker: async (spec, name = backend.name) => (name === backend.name ? backend.rate?.(spec) : undefined),
    store: async () => undefined,
  };
}

/** The fleet that its ledger names. */
async function fleetOf(store: StateStore, id: string): Promise<Fleet | undefined> {
  const ledger = await readLedger(factsOf(store, systemRuntime), sessionKeys(id));
  return ledger?.session.fleet;
}
