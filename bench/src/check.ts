import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LaunchResult, StateStore } from "@skyburst/core";
import { parseCommit } from "@skyburst/core/protocol";
import { directory } from "@skyburst/state-fs";

/** @throws {Error} unless the file holds one success per expected value, in order, each with exactly that value. */
export function checkOutput(file: string, expected: readonly string[]): void {
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines.pop() !== "") throw new Error(`${file} does not end with a whole line.`);
  if (lines.length !== expected.length) throw new Error(`${file} holds ${lines.length} results of ${expected.length}.`);
  for (const [index, line] of lines.entries()) {
    const outcome = JSON.parse(line) as { index?: unknown; status?: unknown; value?: unknown };
    if (outcome.index === index && outcome.status === "succeeded" && JSON.stringify(outcome.value) === expected[index])
      continue;
    throw new Error(
      `${file}, line ${index + 1}: ${line} is not the success of index ${index} with ${expected[index]}.`,
    );
  }
}

/**
 * @throws {Error} unless the directory holds the durable results of so many tasks, each succeeded. Read through the store, by
 * nobody who took part in the run.
 */
export async function checkStore(place: string, tasks: number): Promise<void> {
  const store = directory(join(place, ".skyburst"));
  checkResults(place, await countResults(store), tasks);
  await store.close?.();
}

/** @throws {Error} unless so many workers were launched for the sessions of the directory, and none refused. */
export async function checkFleet(place: string, workers: number): Promise<void> {
  const store = directory(join(place, ".skyburst"));
  let started = 0;
  for await (const { entries } of store.list("s/")) {
    for (const { key } of entries) {
      if (!/^s\/[^/]+\/launched\//.test(key)) continue;
      const answer = JSON.parse(Buffer.from((await store.get(key)) ?? []).toString()) as LaunchResult;
      started += answer.started.length;
    }
  }
  await store.close?.();
  if (started !== workers) throw new Error(`${place}: ${started} workers were launched, and ${workers} asked for.`);
}

/** @throws {Error} unless there is one success for each of so many tasks. */
export function checkResults(place: string, { succeeded, lines }: Results, tasks: number): void {
  if (succeeded === tasks && lines === tasks) return;
  throw new Error(`${place} holds ${lines} results of ${tasks} tasks, ${succeeded} of them succeeded.`);
}

/** What commits say of themselves, and the results that they hold. */
export interface Results {
  readonly succeeded: number;
  readonly lines: number;
}

/** Of all sessions of a store. */
export async function countResults(store: StateStore): Promise<Results> {
  let succeeded = 0;
  let lines = 0;
  for await (const { entries } of store.list("s/")) {
    for (const { key } of entries) {
      if (!/^s\/[^/]+\/(part|done)\//.test(key)) continue;
      const bytes = await store.get(key);
      if (!bytes) throw new Error(`${key} is listed, and can't be read.`);
      const commit = parseCommit(bytes);
      succeeded += commit.header.succeeded;
      for (const byte of commit.lines) if (byte === newline) lines++;
    }
  }
  return { succeeded, lines };
}

const newline = 10;
