import { usd } from "@skyburst/core";
import type { OpenOptions, Retries, SubmitAllOptions } from "@skyburst/core";
import type * as tasks from "../tasks.ts";

/** A job on rented workers. */
export interface Rent {
  readonly task: keyof typeof tasks;
  readonly inputs: readonly unknown[];
  /** Default 2, of one slot. */
  readonly workers?: number;
  readonly retries?: Retries;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Dollars. */
  readonly budget?: number;
  readonly warnAt?: number;
  /** Dollars per hour. */
  readonly maxRate?: number;
  /** Milliseconds. */
  readonly startTimeout?: number;
}

export function openOptionsOf(rent: Rent): Partial<OpenOptions> {
  const { workers = 2, retries, timeout, budget, warnAt, maxRate, startTimeout } = rent;
  return {
    workers,
    spec: { slots: 1 },
    linger: 300,
    retries,
    taskTimeout: timeout,
    startTimeout,
    budget: budget === undefined ? undefined : usd(budget),
    warnAt: warnAt === undefined ? undefined : usd(warnAt),
    maxRate: maxRate === undefined ? undefined : usd(maxRate).perHour,
  };
}

export function submitOptionsOf(_: Rent): SubmitAllOptions {
  return { backoff: 10 };
}

export function flagsOf({ workers = 2, retries, timeout, budget, warnAt, maxRate, startTimeout }: Rent): string[] {
  const flags = {
    workers,
    retries: typeof retries === "object" ? budgetsIn(retries) : retries,
    budget,
    "warn-at": warnAt,
    "max-rate": maxRate,
    timeout: timeout === undefined ? undefined : `${timeout}ms`,
    "start-timeout": startTimeout === undefined ? undefined : `${startTimeout}ms`,
  };
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

function budgetsIn(retries: Exclude<Retries, number>): string {
  return Object.entries(retries)
    .map(([blame, count]) => `${blame}=${count}`)
    .join(",");
}
