import type { Backend, WorkerSpec } from "../backend.ts";
import type { CostEstimator } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import type { Budget } from "../protocol/ledger.ts";
import type { Runtime } from "../runtime.ts";
import type { Serializer } from "../serializer/index.ts";
import type { StateStore } from "../store.ts";
import { checkMoney } from "./budget.ts";
import type { HourlyRate } from "./budget.ts";
import { checkMemoryOnOom } from "./memory-on-oom.ts";
import type { Retries } from "./retries.ts";
import { runOptions } from "./run-options.ts";
import { checkSecrets } from "./secrets.ts";
import type { Secrets } from "./secrets.ts";

export type { Secrets } from "./secrets.ts";

export interface OpenOptions {
  /** Where workers run. Borrowed: it is not closed with the session. */
  readonly backend: Backend;
  /** Where every fact of the job lives. Borrowed. */
  readonly store: StateStore;
  /** How inputs, results and shared values travel. Default: {@link serializer}. Another one needs a `reference`. */
  readonly serializer?: Serializer | undefined;
  /** What things cost, as `prices({ … })`. What it does not know, backend and store are asked for. Default: only they are. */
  readonly costs?: CostEstimator | undefined;
  /**
   * A session that is there: its id, a beginning that no other id has, or its name. Then this client works in it beside others; what was
   * fixed when it began (`name`, `deadline`, `idleTimeout`, `budget`, `warnAt`, `maxRate`, `startTimeout`, `expires`, `linger`,
   * `commitInterval`, `ttl`) can't be given.
   * Default: a new one.
   */
  readonly session?: string | undefined;
  /** Workers at a time. Default: what the session was opened with, else 1. */
  readonly workers?: number | undefined;
  /**
   * What a worker is made of. `slots`, the tasks that it runs at a time: default its processors; on this machine, its share of them. Kept
   * with the session, but for `env`, for who keeps up its workers later.
   */
  readonly spec?: WorkerSpec | undefined;
  /**
   * Values that tasks see as environment variables: commands, and functions by `process.env`. The session keeps their names and nobody
   * keeps the values, so whoever starts its workers later gives them again: all that it was begun with, and no others. What tasks print
   * of them is replaced by `***NAME***`. Refused where the backend can't hand them over (`capabilities.secrets`). Default: none.
   */
  readonly secrets?: Secrets | undefined;
  /** This client keeps up the workers, or stands by to. false: it starts none, and leaves that to another. Default true. */
  readonly supervise?: boolean | undefined;
  /**
   * Id of a new session, made by `newSessionId()` (`@skyburst/core/protocol`) a moment before, so that something could be told of it first. It is taken if the store's
   * clock agrees, by two seconds; `session.id` tells. Default: another one is made.
   */
  readonly id?: string | undefined;
  /** Shown by `skyburst ls`. Need not be unique: the newest wins. */
  readonly name?: string | undefined;
  /** When nothing is started any more: a `Date`, or milliseconds since the epoch. The session is paused then, and can be extended. Default: never. */
  readonly deadline?: Date | number | undefined;
  /** Open submissions are ended when nothing was added to the session for so long, in milliseconds. Default: never. */
  readonly idleTimeout?: number | undefined;
  /** What may be spent, as `usd(5)`. The session is paused before it is passed, and can be extended. Default: no limit. */
  readonly budget?: Budget | undefined;
  /** Of what spending to say so, once, in the session's events and status. Default: of none. */
  readonly warnAt?: Budget | undefined;
  /** What the workers may cost per hour, all together, as `usd(20).perHour`: there are never more of them. Default: no limit. */
  readonly maxRate?: HourlyRate | undefined;
  /** Within which some worker has to start before nobody waits for one any more, in milliseconds. Default: the backend's. */
  readonly startTimeout?: number | undefined;
  /** `timeout` of submissions that don't say it: the longest run of one task, in milliseconds. Default: none. */
  readonly taskTimeout?: number | undefined;
  /** `retries` of submissions that don't say it: further attempts of a task that failed. Default 0. */
  readonly retries?: Retries | undefined;
  /** `memoryOnOom` of submissions that don't say it: more memory for an attempt after one that ran out of it. Default: as much. */
  readonly memoryOnOom?: number | undefined;
  /** Age at which any client may sweep the session from its store, once nobody lives in it, in milliseconds. Default: never. */
  readonly expires?: number | undefined;
  /** How long workers stay when nothing is left to do, in milliseconds. Default 10,000. */
  readonly linger?: number | undefined;
  /** Work per commit, in milliseconds. Default: what the store suggests. */
  readonly commitInterval?: number | undefined;
  /** Age at which a silent worker's lease may be taken over, in milliseconds, at least 1,000. Default: the store's. */
  readonly ttl?: number | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/** Fixed when a session begins. */
const ofTheBeginning = [
  "id",
  "name",
  "deadline",
  "idleTimeout",
  "budget",
  "warnAt",
  "maxRate",
  "startTimeout",
  "expires",
  "linger",
  "commitInterval",
  "ttl",
] as const satisfies readonly (keyof OpenOptions)[];

/** @throws {SkyburstError} `option`, naming the one whose value cannot be. */
export function checkOpenOptions(options: OpenOptions): void {
  if (options.session !== undefined) refuseBeginning(options);
  const { workers } = options;
  if (workers !== undefined && (!Number.isInteger(workers) || workers < 1))
    throw new SkyburstError("option", `workers is ${workers}; it has to be a whole number of at least 1.`);
  for (const name of ["budget", "warnAt", "maxRate"] as const) {
    const money = options[name];
    if (money !== undefined) checkMoney(name, money);
  }
  for (const [name, least] of [
    ["ttl", 1000],
    ["idleTimeout", 1000],
    ["startTimeout", 1000],
    ["commitInterval", 1],
    ["linger", 0],
    ["expires", 0],
  ] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isFinite(value) && value >= least))
      throw new SkyburstError("option", `${name} is ${value} ms; it has to be at least ${least}.`);
  }
  runOptions({}, { retries: options.retries, timeout: options.taskTimeout });
  checkSecrets(options.secrets, options.spec);
  // What workers of a session that is there are made of, its ledger says.
  if (options.session === undefined) checkMemoryOnOom(options.memoryOnOom, options.backend, options.spec);
}

function refuseBeginning(options: OpenOptions): void {
  const given = ofTheBeginning.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  const instead =
    given === "deadline" || given === "budget" || given === "warnAt" || given === "maxRate"
      ? `Move it by session.extend({ ${given} }).`
      : "It is fixed when a session begins; leave it out.";
  throw new SkyburstError(
    "option",
    `${given} can't be given for session ${JSON.stringify(options.session)}, which is there already. ${instead}`,
  );
}
