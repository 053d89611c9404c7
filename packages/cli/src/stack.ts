import { local } from "@skyburst/backend-local";
import type { Backend, StateStore, WorkerSpec } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { loadConfig } from "./config.ts";
import { CliError } from "./errors.ts";
import { duration } from "./quantities.ts";
import { storeAt } from "./store-at.ts";

/** Options that every command has. */
export interface StoreFlags {
  readonly store?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** Options of the commands that run something. */
export interface JobFlags extends StoreFlags {
  readonly backend?: string;
  readonly workers?: number;
  readonly slots?: number;
  readonly timeout?: number;
  readonly estimate?: number;
  readonly retries?: number;
  readonly logLimit?: number;
  readonly name?: string;
  readonly keep?: boolean;
  readonly quiet?: boolean;
}

/** What a job runs on. */
export interface Stack {
  readonly backend: Backend;
  readonly store: StateStore;
  readonly workers: number;
  readonly spec: WorkerSpec;
  readonly timeout: number | undefined;
  readonly retries: number;
}

/** Flags first, then the configuration, then defaults. */
export async function composeStack(flags: JobFlags): Promise<Stack> {
  const config = await loadConfig(flags.config);
  const slots = flags.slots ?? config.slots;
  return {
    backend: flags.backend === undefined ? (config.backend ?? local()) : backendNamed(flags.backend),
    store: flags.store === undefined ? (config.store ?? directory()) : await storeAt(flags.store),
    workers: flags.workers ?? config.workers ?? 1,
    spec: { ...config.spec, ...(slots === undefined ? {} : { slots }) },
    timeout: flags.timeout ?? (config.timeout === undefined ? undefined : configured(config.timeout)),
    retries: flags.retries ?? config.retries ?? 0,
  };
}

/** Of commands that only look. */
export async function composeStore(flags: StoreFlags): Promise<StateStore> {
  if (flags.store !== undefined) return storeAt(flags.store);
  return (await loadConfig(flags.config)).store ?? directory();
}

function backendNamed(name: string): Backend {
  if (name === "local") return local();
  throw new CliError(
    "usage",
    `--backend ${name}: there is only "local" to be named; others are composed in skyburst.config.ts.`,
  );
}

function configured(timeout: string): number {
  try {
    return duration(timeout);
  } catch (cause) {
    throw new CliError(
      "usage",
      `timeout: ${JSON.stringify(timeout)} in the configuration: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
