import { removeSession } from "@skyburst/core";
import type { SessionEvent } from "@skyburst/core";
import type { Check } from "./check.ts";
import { commonChecks } from "./common-checks.ts";
import type { JobRun } from "./job-run.ts";
import type { Place } from "./place.ts";
import type { JobResult, VerifyJob } from "./verify-job.ts";

/** What became of a job. */
export type Verdict = Verified | Skipped;

export interface Verified {
  readonly name: string;
  readonly what: string;
  /** `failed`: at least one check. */
  readonly state: "passed" | "failed";
  /** From the start of its command to its end. */
  readonly seconds: number;
  /** Lines that its tasks wrote, as they arrived. */
  readonly lines: number;
  /** Workers that went on when it was over, and what else it left at the provider. undefined: the provider does not tell. */
  readonly leaked?: number;
  readonly checks: readonly Check[];
  /** The command, as it is typed into a shell. */
  readonly command: string;
  /** Of one that failed: attempts of its tasks that did, as the record of events tells it. */
  readonly failures?: readonly string[];
  /** Of one that failed: its session is kept under this name. undefined: it has none. */
  readonly session?: string;
  /** Of one that failed: the last that its command said on stderr, if it said anything. */
  readonly said?: string;
  /** No worker came to work: other jobs would end the same way. */
  readonly nothingRan?: true;
}

export interface Skipped {
  readonly name: string;
  readonly what: string;
  readonly state: "skipped";
  readonly because: string;
}

/**
 * Runs a job, and holds what it showed against what it was to show. Its session is removed if it passed.
 *
 * @param first Nothing was run before: an image may have to be fetched for it, which no later job has to wait for.
 */
export async function verifyOne(job: VerifyJob, place: Place, first: boolean): Promise<Verdict> {
  const { name, what, sleeps = 0 } = job;
  const because = await job.skipped?.(place);
  if (because !== undefined) return { name, what, state: "skipped", because };
  const result = await job.run(place);
  const { ran } = result;
  if ("skipped" in result) {
    await removeSessionOf(ran, place);
    return { name, what, state: "skipped", because: result.skipped };
  }
  const { patience, backend, signal } = place.options;
  // A backend that starts slowly says so, and is waited for.
  const startup = backend.capabilities.startup ?? defaultStartup;
  const seconds = (first ? patience : mostTime + startup) / 1000 + sleeps;
  const checks = [...commonChecks(result, seconds), ...result.checks];
  const told = { name, what, seconds: ran.seconds, lines: result.lines, checks, command: ran.typed, ...leakedOf(ran) };
  const failed = checks.some(({ passed }) => !passed);
  // Nobody wants to look at what was interrupted.
  if (failed && !signal.aborted) return { ...told, state: "failed", ...failureOf(result) };
  await removeSessionOf(ran, place);
  return { ...told, state: failed ? "failed" : "passed" };
}

/** Milliseconds in which a job has to end, beside what it sleeps. */
const mostTime = 15_000;

/** As core has it for backends that say nothing. */
const defaultStartup = 1000;

function leakedOf({ left }: JobRun): Pick<Verified, "leaked"> {
  return "unknown" in left ? {} : { leaked: left.found.length };
}

function failureOf({ ran, tasks }: JobResult): Pick<Verified, "said" | "failures" | "session" | "nothingRan"> {
  const { session, events, name, stderr } = ran;
  const said = stderr.text.trim().slice(-mostSaid);
  const nothingRan = tasks !== "none" && !events.some(({ type }) => type === "born");
  const failures = events.map(failedAttempt).filter((told) => told !== undefined);
  return {
    ...(said === "" ? {} : { said }),
    ...(failures.length === 0 ? {} : { failures }),
    ...(session ? { session: name } : {}),
    ...(nothingRan ? { nothingRan } : {}),
  };
}

/** What became of an attempt that failed; undefined: it is another event. */
function failedAttempt(event: SessionEvent): string | undefined {
  if (event.type !== "failed" && event.type !== "retried") return undefined;
  const { task, attempt, blame, error } = event;
  return `task ${task}, attempt ${attempt}, blame ${blame}: ${error}`;
}

/** Characters. */
const mostSaid = 500;

async function removeSessionOf({ session }: JobRun, { options: { store, backend } }: Place): Promise<void> {
  if (session) await removeSession(store, session.id, { backend });
}
