import { local } from "@skyburst/backend-local";
import type { Backend, CostEstimator, Retries, StateStore, WorkerSpec } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { loadConfig } from "./config.ts";
import type { Config } from "./define-config.ts";
import type { Early } from "./early.ts";
import { CliError } from "./errors.ts";
import { backendNamed } from "./backend-named.ts";
import { deadline, dollars, hourlyRate } from "./limits.ts";
import type { Deadline } from "./limits.ts";
import { duration, times } from "./quantities.ts";
import { retries } from "./retries.ts";
import type { Mount } from "./mount.ts";
import { secretSources } from "./secrets.ts";
import type { SecretSources } from "./secrets.ts";
import { storeAt } from "./store-at.ts";

/** Options that every command has. */
export interface StoreFlags {
  readonly store?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** Options of the commands by which workers may be started. */
export interface FleetFlags extends StoreFlags {
  readonly backend?: string;
  /** `NAME`, or `NAME=@FILE`. */
  readonly secret?: readonly string[];
  readonly workers?: number;
  readonly slots?: number;
}

/** Options of the commands that open a session. */
export interface JobFlags extends FleetFlags {
  readonly image?: string;
  readonly cpu?: number;
  readonly memory?: number;
  readonly gpus?: number;
  readonly volume?: readonly Mount[];
  readonly timeout?: number;
  readonly estimate?: number;
  readonly retries?: Retries;
  readonly memoryOnOom?: number;
  readonly logLimit?: number;
  readonly name?: string;
  readonly keep?: boolean;
  readonly quiet?: boolean;
  readonly deadline?: Deadline;
  readonly idleTimeout?: number;
  /** Dollars. */
  readonly budget?: number;
  /** Dollars. */
  readonly warnAt?: number;
  /** Dollars per hour. */
  readonly maxRate?: number;
  readonly startTimeout?: number;
  /** Default: nothing was begun before. */
  readonly early?: Early | undefined;
}

/** What a job runs on. */
export interface Stack {
  readonly backend: Backend;
  /** Those that the configuration names. */
  readonly backends: Readonly<Record<string, Backend>>;
  readonly store: StateStore;
  /** undefined: what backend and store say of themselves. */
  readonly costs: CostEstimator | undefined;
  readonly workers: number;
  readonly spec: WorkerSpec;
  readonly secrets: SecretSources;
  readonly timeout: number | undefined;
  readonly retries: Retries | undefined;
  /** How many times as much memory an attempt has after one that ran out of it. */
  readonly memoryOnOom: number | undefined;
  readonly deadline: Deadline | undefined;
  readonly idleTimeout: number | undefined;
  /** Dollars. */
  readonly budget: number | undefined;
  /** Dollars. */
  readonly warnAt: number | undefined;
  /** Dollars per hour. */
  readonly maxRate: number | undefined;
  readonly startTimeout: number | undefined;
}

/** Flags first, then the configuration, then defaults. */
export async function composeStack(flags: JobFlags): Promise<Stack> {
  const config = await loadConfig(flags.config);
  const backends = config.backends ?? {};
  return {
    backend:
      flags.backend === undefined
        ? (config.backend ?? local({}, flags.early?.worker?.process))
        : await backendNamed(flags.backend, backends),
    backends,
    store: await storeOf(flags, config),
    costs: config.costs,
    workers: flags.workers ?? config.workers ?? 1,
    spec: specOf(flags, config),
    secrets: secretSources(flags.secret, config.secrets),
    timeout: flags.timeout ?? configured("timeout", config.timeout, duration),
    retries: flags.retries ?? configured("retries", config.retries, readRetries),
    memoryOnOom: flags.memoryOnOom ?? configured("memoryOnOom", config.memoryOnOom, times),
    deadline: flags.deadline ?? configured("deadline", config.deadline, deadline),
    idleTimeout: flags.idleTimeout ?? configured("idleTimeout", config.idleTimeout, duration),
    budget: flags.budget ?? configured("budget", config.budget, readDollars),
    warnAt: flags.warnAt ?? configured("warnAt", config.warnAt, readDollars),
    maxRate: flags.maxRate ?? configured("maxRate", config.maxRate, (rate) => hourlyRate(String(rate))),
    startTimeout: flags.startTimeout ?? configured("startTimeout", config.startTimeout, duration),
  };
}

/** What a worker is made of. */
function specOf({ image, cpu, memory, gpus, volume, ...flags }: JobFlags, config: Config): WorkerSpec {
  const slots = flags.slots ?? config.slots;
  return {
    ...config.spec,
    ...(slots === undefined ? {} : { slots }),
    ...(image === undefined ? {} : { image }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(gpus === undefined ? {} : { gpus }),
    ...(volume === undefined ? {} : { mounts: [...(config.spec?.mounts ?? []), ...volume] }),
  };
}

/** Of commands that only look. */
export async function composeStore(flags: StoreFlags): Promise<StateStore> {
  if (flags.store !== undefined) return storeAt(flags.store);
  return storeOf(flags, await loadConfig(flags.config));
}

export async function storeOf({ store }: StoreFlags, config: Config): Promise<StateStore> {
  return store === undefined ? (config.store ?? directory()) : storeAt(store);
}

function readDollars(amount: number): number {
  return dollars(String(amount));
}

function readRetries(given: Retries): Retries {
  return retries(typeof given === "object" ? textOf(given) : String(given));
}

function textOf(budgets: Exclude<Retries, number>): string {
  return Object.entries(budgets)
    .map(([blame, number]) => `${blame}=${number}`)
    .join(",");
}

/** What the configuration says, read as a flag is. */
function configured<T, R>(option: string, value: T | undefined, read: (value: T) => R): R | undefined {
  if (value === undefined) return undefined;
  try {
    return read(value);
  } catch (cause) {
    throw new CliError(
      "usage",
      `${option}: ${JSON.stringify(value)} in the configuration: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
