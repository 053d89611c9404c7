import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import type { Json, Secrets, TaskSource } from "@skyburst/core";
import type { OutcomeLine } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";
import { allGone } from "../job.ts";
import { lineFeed } from "../inputs/input-feed.ts";

/** What came of the inputs that were tried. */
export interface Trial {
  /** Run time of each that succeeded, in seconds. */
  readonly seconds: readonly number[];
  /** Bytes of an outcome on average. */
  readonly outcomeBytes: number;
  /** What those that failed say. */
  readonly failures: readonly string[];
}

/**
 * Runs inputs here, one at a time so that none slows the other down, in a session that nobody sees: its store is a directory that is gone
 * when this resolves.
 */
export async function tryInputs(
  source: TaskSource,
  lines: readonly string[],
  options: {
    readonly label: string;
    readonly timeout: number | undefined;
    readonly secrets: Secrets;
    readonly signal: AbortSignal;
  },
): Promise<Trial> {
  const path = await mkdtemp(join(tmpdir(), "skyburst-quote-"));
  const store = directory(path);
  const backend = local();
  try {
    const session = await open({ backend, store, workers: 1, spec: { slots: 1 }, secrets: options.secrets, linger: 0 });
    try {
      const outcomes: OutcomeLine[] = [];
      let bytes = 0;
      const feed = lineFeed(lines, options.label, store, session.id);
      for await (const { lines: told } of session.lines(source, feed, {
        timeout: options.timeout,
        signal: options.signal,
      })) {
        bytes += told.length;
        outcomes.push(...parsed(told));
      }
      return trialOf(outcomes, bytes);
    } finally {
      await session.close();
      await allGone(backend, session.id);
    }
  } finally {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

function trialOf(outcomes: readonly OutcomeLine[], bytes: number): Trial {
  return {
    seconds: outcomes.flatMap(({ status, seconds }) => (status === "succeeded" ? [seconds] : [])),
    outcomeBytes: bytes / Math.max(1, outcomes.length),
    failures: outcomes.flatMap((outcome) => (outcome.status === "failed" ? [messageOf(outcome.error)] : [])),
  };
}

function messageOf(error: Json): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : undefined;
  return typeof message === "string" ? message : JSON.stringify(error);
}

function parsed(lines: Uint8Array): OutcomeLine[] {
  return Buffer.from(lines)
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as OutcomeLine);
}
