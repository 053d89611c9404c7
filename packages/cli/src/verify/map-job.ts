import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ended } from "./child.ts";
import type { JobRun } from "./job-run.ts";
import type { Place } from "./place.ts";

/** A task of ours that was called by `map`, once for each input, while its logs were followed. */
export interface MapRun {
  readonly ran: JobRun;
  /** What it printed, as it came. */
  readonly printed: Ended["stdout"];
  /** What it returned for each input that succeeded, in their order. */
  readonly values: readonly unknown[];
  /** Seconds that the longest call took. */
  readonly seconds: number;
}

/** @param task A function of `tasks`. */
export async function mapJob(
  place: Place,
  job: string,
  { task, inputs, options = [] }: { task: string; inputs: readonly unknown[]; options?: readonly string[] },
): Promise<MapRun> {
  const file = join(place.directory, `${job}.jsonl`);
  await writeFile(file, inputs.map((input) => `${JSON.stringify(input)}\n`).join(""));
  const ran = await place.run(job, { command: "map", options, words: [`${tasks}#${task}`, file], follow: true });
  const outcomes = ran.stdout.lines.flatMap(({ text }) => outcomeIn(text));
  return {
    ran,
    printed: ran.logs?.stdout ?? ran.stdout,
    values: outcomes.flatMap(({ status, value }) => (status === "succeeded" ? [value] : [])),
    seconds: Math.max(0, ...outcomes.map(({ seconds }) => seconds)),
  };
}

/** A command that was killed ends within a line. */
function outcomeIn(text: string): readonly OutcomeLine[] {
  return text.startsWith("{") && text.endsWith("}") ? [JSON.parse(text) as OutcomeLine] : [];
}

interface OutcomeLine {
  readonly status: string;
  readonly value?: unknown;
  readonly seconds: number;
}

/** Built as a module of its own, which workers are sent a function of. */
const tasks = fileURLToPath(new URL("./verify-tasks.js", import.meta.url));
