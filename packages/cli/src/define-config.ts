import type { Backend, CostEstimator, Retries, StateStore, WorkerSpec } from "@skyburst/core";

/** A stack: what `skyburst.config.ts` exports by default. Flags of the command line win over all of it. */
export interface Config {
  /** Where workers run. Default: this machine. */
  readonly backend?: Backend | undefined;
  /** Others, by the names that `--backend` calls them; `skyburst quote` compares them all. */
  readonly backends?: Readonly<Record<string, Backend>> | undefined;
  /** Where every fact of a job lives. Default: the directory `.skyburst`. */
  readonly store?: StateStore | undefined;
  /** What workers and store cost. Default: what backend and store say of themselves. */
  readonly costs?: CostEstimator | undefined;
  /** Workers at a time. Default 1. */
  readonly workers?: number | undefined;
  /** Tasks that a worker runs at a time. Default: its processors. */
  readonly slots?: number | undefined;
  /** What else a worker is made of. */
  readonly spec?: Omit<WorkerSpec, "slots"> | undefined;
  /** Values that only tasks see, as `--secret` names them: `API_KEY`, of this variable, or `CERTIFICATE=@certificate.pem`. Default: none. */
  readonly secrets?: readonly string[] | undefined;
  /** Longest run of one task, as `500ms`, `2s`, `5m`, `6h`. Default: none. */
  readonly timeout?: string | undefined;
  /** Further attempts of a task that failed by itself, or by what was to blame: `{ user: 2, oom: 1 }`. Default 0. */
  readonly retries?: Retries | undefined;
  /** How many times as much memory a worker has for an attempt after one that ran out of it, as `2x`. Default: as much. */
  readonly memoryOnOom?: string | undefined;
  /** When a session is paused, until it is extended: `+6h` from its beginning on, or `2030-12-31T18:00`. Default: never. */
  readonly deadline?: string | undefined;
  /** A session whose inputs are still coming is ended when none came for so long, as `30m`. Default: never. */
  readonly idleTimeout?: string | undefined;
  /** Dollars. A session is paused before it has cost more, until it is extended. Default: none. */
  readonly budget?: number | undefined;
  /** Dollars. A line on stderr tells when a session has cost so much. Default: never. */
  readonly warnAt?: number | undefined;
  /** Dollars per hour, as `20` or `20/h`: there are never so many workers that they cost more. Default: no limit. */
  readonly maxRate?: number | string | undefined;
  /** How long is waited for a first worker, as `5m`. Default: what the backend says. */
  readonly startTimeout?: string | undefined;
}

/** Gives a configuration its type. */
export function defineConfig(config: Config): Config {
  return config;
}
