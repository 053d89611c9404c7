import { local } from "@skyburst/backend-local";
import type { Backend, StateStore, WorkerSpec } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { loadConfig } from "./config.ts";
import { CliError } from "./errors.ts";
import { deadline, dollars } from "./limits.ts";
import type { Deadline } from "./limits.ts";
import { duration } from "./quantities.ts";
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
  readonly workers?: number;
  readonly slots?: number;
}

/** Options of the commands that open a session. */
export interface JobFlags extends FleetFlags {
  readonly timeout?: number;
  readonly estimate?: number;
  readonly retries?: number;
  readonly logLimit?: number;
  readonly name?: string;
  readonly keep?: boolean;
  readonly quiet?: boolean;
  readonly deadline?: Deadline;
  readonly idleTimeout?: number;
  /** Dollars. */
  readonly budget?: number;
}

/** What a job runs on. */
export interface Stack {
  readonly backend: Backend;
  readonly store: StateStore;
  readonly workers: number;
  readonly spec: WorkerSpec;
  readonly timeout: number | undefined;
  readonly retries: number;
  readonly deadline: Deadline | undefined;
  readonly idleTimeout: number | undefined;
  /** Dollars. */
  readonly budget: number | undefined;
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
    timeout: flags.timeout ?? configured("timeout", config.timeout, duration),
    retries: flags.retries ?? config.retries ?? 0,
    deadline: flags.deadline ?? configured("deadline", config.deadline, deadline),
    idleTimeout: flags.idleTimeout ?? configured("idleTimeout", config.idleTimeout, duration),
    budget: flags.budget ?? configured("budget", config.budget, (amount) => dollars(String(amount))),
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
