import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogChannel } from "@skyburst/core/protocol";
import { afterEach } from "vitest";
import { threadSlot } from "../../src/thread/slot.ts";
import type { ThreadSlotOptions } from "../../src/thread/slot.ts";
import { threadSource } from "../../thread-source.ts";
import type { Finished, RunOptions, Slice, SliceEnd, Slot, TaskProgram } from "../../src/thread/slice.ts";

const source = await threadSource();
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A slot on a real thread, closed after the test. */
export function openSlot(options: Partial<ThreadSlotOptions> = {}): Slot {
  const slot = threadSlot({
    source,
    shared: (sha256) => Promise.reject(new Error(`nothing is stored as ${sha256}`)),
    stray: () => undefined,
    ...options,
  });
  cleanups.push(() => slot.close());
  return slot;
}

/** A program of this source, in a directory of its own that goes after the test. */
export async function program(source: string): Promise<TaskProgram> {
  const directory = await mkdtemp(join(tmpdir(), "skyburst-thread-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  const path = join(directory, "program.mjs");
  await writeFile(path, source);
  return { sha256: createHash("sha256").update(source).digest("hex"), path };
}

export function slice(program: TaskProgram, inputs: readonly unknown[], more: Partial<Slice> = {}): Slice {
  return {
    program,
    inputs: Buffer.from(inputs.map((input) => JSON.stringify(input)).join("\n")),
    count: inputs.length,
    index: 0,
    task: 0,
    ...more,
  };
}

export interface Line {
  readonly index: number;
  readonly task: number;
  readonly status: string;
  readonly value?: unknown;
  readonly attempts: number;
  readonly seconds: number;
}

export type Failed = Extract<Finished, { kind: "failed" }>;

/** What came of a slice, by position. */
export interface Ran extends SliceEnd {
  readonly finished: readonly Finished[];
  readonly lines: ReadonlyMap<number, Line>;
  readonly failed: ReadonlyMap<number, Failed>;
  log(position: number, channel: LogChannel): string;
}

export async function run(slot: Slot, of: Slice, options?: RunOptions): Promise<Ran> {
  const finished: Finished[] = [];
  const end = await slot.run(of, (one) => void finished.push(one), options);
  return { ...end, ...sorted(finished) };
}

export function sorted(finished: readonly Finished[]): Omit<Ran, keyof SliceEnd> {
  const lines = finished.flatMap((one) => (one.kind === "lines" ? linesOf(one) : []));
  const failed = finished.filter((one) => one.kind === "failed");
  return {
    finished,
    lines: new Map(lines),
    failed: new Map(failed.map((one) => [one.position, one])),
    log: (position, channel) => {
      const logs = finished.filter((one) => one.kind === "log" && one.position === position && one.channel === channel);
      return Buffer.concat(logs.map((one) => (one.kind === "log" ? one.bytes : Buffer.of()))).toString();
    },
  };
}

function linesOf({ position, count, bytes }: Extract<Finished, { kind: "lines" }>): [number, Line][] {
  const texts = Buffer.from(bytes).toString().split("\n");
  if (texts.length !== count + 1 || texts.at(-1) !== "") throw new Error(`not ${count} lines: ${texts.join("\n")}`);
  return texts.slice(0, -1).map((text, n) => [position + n, JSON.parse(text) as Line]);
}

/** Values by position, for a slice whose tasks all succeeded. */
export function valuesOf({ lines }: Ran): unknown[] {
  return [...lines].sort(([a], [b]) => a - b).map(([, { value }]) => value);
}
