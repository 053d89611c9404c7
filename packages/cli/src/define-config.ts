import type { Backend, StateStore, WorkerSpec } from "@skyburst/core";

/** A stack: what `skyburst.config.ts` exports by default. Flags of the command line win over all of it. */
export interface Config {
  /** Where workers run. Default: this machine. */
  readonly backend?: Backend | undefined;
  /** Where every fact of a job lives. Default: the directory `.skyburst`. */
  readonly store?: StateStore | undefined;
  /** Workers at a time. Default 1. */
  readonly workers?: number | undefined;
  /** Tasks that a worker runs at a time. Default: its processors. */
  readonly slots?: number | undefined;
  /** What else a worker is made of. */
  readonly spec?: Omit<WorkerSpec, "slots"> | undefined;
  /** Longest run of one task, as `500ms`, `2s`, `5m`, `6h`. Default: none. */
  readonly timeout?: string | undefined;
  /** Further attempts of a task that failed by itself. Default 0. */
  readonly retries?: number | undefined;
  /** When a session is paused, until it is extended: `+6h` from its beginning on, or `2030-12-31T18:00`. Default: never. */
  readonly deadline?: string | undefined;
  /** A session whose inputs are still coming is ended when none came for so long, as `30m`. Default: never. */
  readonly idleTimeout?: string | undefined;
  /** Dollars. A session is paused before it has cost more, until it is extended. Default: none. */
  readonly budget?: number | undefined;
}

/** Gives a configuration its type. */
export function defineConfig(config: Config): Config {
  return config;
}
