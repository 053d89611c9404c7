import { removeSession } from "@skyburst/core";
import type { Check } from "./check.ts";
import { commonChecks } from "./common-checks.ts";
import type { Place } from "./place.ts";
import type { VerifyJob } from "./verify-job.ts";

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
  /** Workers that went on when it was over. */
  readonly leaked: number;
  readonly checks: readonly Check[];
  /** The command, as it is typed into a shell. */
  readonly command: string;
  /** Of one that failed: its session is kept under this name. undefined: it has none. */
  readonly session?: string;
  /** Of one that failed: the last that its command said on stderr. */
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

/** Runs a job, and holds what it showed against what it was to show. Its session is removed if it passed. */
export async function verifyOne(job: VerifyJob, place: Place): Promise<Verdict> {
  const { name, what, sleeps = 0 } = job;
  const because = await job.skipped?.(place);
  if (because !== undefined) return { name, what, state: "skipped", because };
  const { backend, store } = place.options;
  const result = await job.run(place);
  if ("skipped" in result) {
    if (result.ran.session) await removeSession(store, result.ran.session.id, { backend });
    return { name, what, state: "skipped", because: result.skipped };
  }
  const { ran, lines } = result;
  const { session, events, leaked } = ran;
  // A backend that starts slowly says so, and is waited for.
  const startup = (backend.capabilities.startup ?? defaultStartup) / 1000;
  const checks = [...commonChecks(result, sleeps, startup), ...result.checks];
  const passed = checks.every((check) => check.passed);
  const told = { name, what, seconds: ran.seconds, lines, leaked: leaked.length, checks, command: ran.typed };
  if (passed) {
    if (session) await removeSession(store, session.id, { backend });
    return { ...told, state: "passed" };
  }
  return {
    ...told,
    state: "failed",
    said: lastOf(ran.stderr.text),
    ...(session ? { session: ran.name } : {}),
    ...(events.some(({ type }) => type === "born") ? {} : { nothingRan: true }),
  };
}

const defaultStartup = 1000;

const mostSaid = 500;

function lastOf(text: string): string {
  return text.trim().slice(-mostSaid);
}
