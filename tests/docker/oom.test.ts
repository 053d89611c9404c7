import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "@skyburst/backend-docker";
import { open } from "@skyburst/core";
import type { MapOptions, OpenOptions, Outcome, Session } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { grow } from "./tasks.ts";

const missing = await unavailable("docker");
const MiB = 2 ** 20;

describe.skipIf(missing)(`memory of containers${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;
  let session: Session | undefined;

  beforeAll(async () => {
    engine = await dockerEngine();
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "skyburst-oom-"));
  });
  afterEach(async () => {
    await session?.close();
    session = undefined;
    rmSync(place, { recursive: true, force: true });
  });

  async function start(memory: number, more: Partial<OpenOptions> = {}): Promise<Session> {
    const backend = docker({ socketPath: engine.socketPath, image: engine.image, memory });
    session = await open({ backend, store: directory(join(place, "store")), workers: 1, spec: { slots: 1 }, ...more });
    return session;
  }

  /** Outcomes of a program that fills a buffer of so many MiB, one after the other. */
  async function filled(
    { lines }: Session,
    sizes: readonly number[],
    options?: MapOptions,
  ): Promise<readonly Outcome<unknown>[]> {
    const argv = ["dd", "if=/dev/zero", "of=/dev/null", "bs={}M", "count=1"];
    const feed = { segments: segmentOf(sizes), gather: 1, count: sizes.length };
    const outcomes = [];
    for await (const part of lines({ kind: "command", name: "dd", argv, substitute: true }, feed, options))
      outcomes.push(...linesIn(part.lines).map((line) => JSON.parse(line) as Outcome<unknown>));
    return outcomes.sort((a, b) => a.index - b.index);
  }

  test("a command that takes more than there is fails alone, and says how much there is", async () => {
    const outcomes = await filled(await start(64 * MiB), [1, 256, 2]);
    expect(outcomes.map(({ status }) => status)).toEqual(["succeeded", "failed", "succeeded"]);
    const [, failed] = outcomes;
    expect(failed).toMatchObject({
      blame: "oom",
      attempts: 1,
      error: {
        message: expect.stringMatching(
          /^dd was ended by SIGKILL: it needed more than the 64 MiB of memory that its worker has \(peak 6[34](\.\d)? MiB\)$/,
        ),
        signal: "SIGKILL",
        limit: 64 * MiB,
      },
    });
  });

  test("a function that takes all of its worker's fails in the end, and says how much that was", async () => {
    const { map } = await start(64 * MiB);
    const outcomes = [];
    for await (const outcome of map(grow, [256 * MiB])) outcomes.push(outcome);
    expect(outcomes).toMatchObject([
      {
        status: "failed",
        blame: "oom",
        error: {
          message: expect.stringMatching(
            /^The task needed more than the 64 MiB of memory that its worker has, which ended 2 times while it ran alone;/,
          ),
        },
      },
    ]);
  });

  test("what ran out of memory is tried again with more of it, as often as it takes", async () => {
    const retried = { retries: { oom: 2 }, memoryOnOom: 2, backoff: 1 };
    const outcomes = await filled(await start(64 * MiB), [1, 90, 180, 2], retried);
    expect(outcomes.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["succeeded", 1],
      ["succeeded", 2],
      ["succeeded", 3],
      ["succeeded", 1],
    ]);
    expect(await memories()).toEqual([undefined, 128 * MiB, 256 * MiB]);
  });

  test("without more retries than one, and never above what the machine has", async () => {
    const [outcome] = await filled(await start(64 * MiB), [512], { memoryOnOom: 2, backoff: 1 });
    expect(outcome).toMatchObject({ status: "failed", blame: "oom", attempts: 2, error: { limit: 128 * MiB } });
  });

  test("a function that takes all of its worker's runs with more", async () => {
    const { map } = await start(64 * MiB, { memoryOnOom: 4 });
    expect(await map(grow, [100 * MiB]).values()).toEqual([25]);
    expect((await memories()).at(-1)).toBe(256 * MiB);
  });

  /** Of the workers of each launch, in bytes; undefined: as many as the backend gives. */
  async function memories(): Promise<readonly (number | undefined)[]> {
    const told = [];
    for await (const event of session?.events() ?? []) if (event.type === "wave") told.push(event.memory);
    return told;
  }
});

async function* segmentOf(inputs: readonly number[]) {
  yield { count: inputs.length, rich: [], lines: Buffer.from(inputs.map((input) => `${input}\n`).join("")) };
}

function linesIn(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes).toString().trimEnd().split("\n");
}
