import type { Check } from "./check.ts";
import type { JobRun } from "./job-run.ts";
import type { Place } from "./place.ts";

/** A real job with a result that is known before. */
export interface VerifyJob {
  readonly name: string;
  /** One line that says what is shown by it. */
  readonly what: string;
  /** It sleeps for so many seconds on purpose: the time in which it has to end begins behind them. Default 0. */
  readonly sleeps?: number;
  /** Why it can show nothing on this backend. undefined: it can. */
  skipped?(place: Place): Promise<string | undefined>;
  /** Runs it by the command itself. */
  run(place: Place): Promise<JobResult | JobSkipped>;
}

/** What only the job itself found out: that it can show nothing here. */
export interface JobSkipped {
  readonly ran: JobRun;
  readonly skipped: string;
}

export interface JobResult {
  readonly ran: JobRun;
  /** Tasks that it consists of, which have to be in the record of events, and how they end; `none`: nothing of it was to run. */
  readonly tasks: { readonly succeeded: number; readonly failed?: number } | "none";
  readonly exitCode: number;
  /** Lines that tasks wrote. */
  readonly lines: number;
  /** What it shows beyond what all jobs show. */
  readonly checks: readonly Check[];
}
