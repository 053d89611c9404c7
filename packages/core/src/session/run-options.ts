import { SkyburstError } from "../errors.ts";
import { retryBudgets } from "./retries.ts";
import type { MapOptions } from "./session.ts";
import type { RunOptions } from "./submit/submission.ts";

/** What keys have digits for: bytes of a log with its frames. */
const mostLogged = 99_999_999_999;

/** Options of a submission with their defaults. @throws {SkyburstError} `option`. */
export function runOptions(
  options: MapOptions = {},
  defaults: Pick<MapOptions, "retries" | "timeout" | "memoryOnOom"> = {},
  ordered?: boolean,
): RunOptions {
  const {
    retries = defaults.retries,
    memoryOnOom = defaults.memoryOnOom,
    timeout = defaults.timeout,
    backoff = 1000,
    estimate,
    concurrency = 1,
    grace = 5000,
    logLimit,
    signal,
  } = options;
  for (const [name, value, least] of [
    ["backoff", backoff, 0],
    ["timeout", timeout, 1],
    ["estimate", estimate, 0],
    ["grace", grace, 0],
  ] as const) {
    if (value === undefined || (Number.isFinite(value) && value >= least)) continue;
    throw new SkyburstError("option", `${name} is ${value}; it has to be a number of at least ${least}.`);
  }
  for (const [name, value, least, most] of [
    ["concurrency", concurrency, 1, 1000],
    ["logLimit", logLimit ?? 0, 0, mostLogged],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new SkyburstError("option", `${name} is ${value}; it has to be a whole number from ${least} to ${most}.`);
  }
  return {
    ...retryBudgets(retries, memoryOnOom !== undefined),
    backoff,
    concurrency,
    grace,
    signal,
    ordered: ordered ?? options.ordered ?? false,
    ...(memoryOnOom === undefined ? {} : { memoryOnOom: { factor: memoryOnOom } }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(estimate === undefined ? {} : { estimate }),
    ...(logLimit === undefined ? {} : { logLimit }),
  };
}
