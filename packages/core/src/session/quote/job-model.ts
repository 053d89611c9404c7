import type { Rate, StoreRates } from "../../costs.ts";
import type { StorePace } from "../../store.ts";

/** All that an estimate of a job rests on. Plain data; times are in seconds. */
export interface JobModel {
  readonly tasks: number;
  /** Run times of the tasks that were tried. */
  readonly seconds: readonly number[];
  /** How much longer a task takes where more run at a time than there are processors: 1 is no longer. */
  readonly slowdown: number;
  /** What the submission says of a task beforehand. undefined: nothing, so that nobody knows how many workers are worth it. */
  readonly estimate?: number | undefined;
  /** Tasks in flight per slot. */
  readonly concurrency: number;
  /** Workers that are asked for, and the most that there may be. */
  readonly workers: number;
  readonly maxWorkers: number;
  readonly slots: number;
  /** From the launch of a worker until it works. It is billed. */
  readonly startup: number;
  /** The shortest time of a worker that is billed. */
  readonly minimumBilling: number;
  /** Of one worker per hour. undefined: nobody knows. */
  readonly rate?: Rate | undefined;
  readonly storeRates?: StoreRates | undefined;
  readonly pace: StorePace;
  /** One request to the store. */
  readonly request: number;
  /** Bytes of a task's input and of its outcome. */
  readonly bytes: { readonly input: number; readonly output: number };
  /** Days for which the session is kept. */
  readonly kept: number;
  /** Times that chance is played, and from where it begins. */
  readonly rounds: number;
  readonly seed: number;
}

/** Half of the time it is no more, and 19 times of 20. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

/** Money. `range`: what it may come to half of the time, at the lowest and at the highest price of what moves. */
export interface CostSpread extends Spread {
  readonly currency: string;
  readonly range?: readonly [lowest: number, highest: number] | undefined;
}
