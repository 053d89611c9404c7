import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open, type OpenOptions, type Outcome, type Session } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable, versitygw } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { docker } from "../src/index.ts";
import type { DockerOptions } from "../src/index.ts";
import { grow, hang, platformOf, square } from "./tasks.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`jobs in containers${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;
  let session: Session | undefined;

  beforeAll(async () => {
    engine = await dockerEngine();
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "skyburst-jobs-"));
  });
  afterEach(async () => {
    await session?.close();
    session = undefined;
    if ((await left()) !== "") throw new Error(`Containers are left: ${await left()}`);
    rmSync(place, { recursive: true, force: true });
  });

  const containers = async () =>
    (await engine.docker("ps", "--all", "--quiet", "--filter", "label=skyburst:worker")).split("\n").filter(Boolean);

  const left = () =>
    engine.docker("ps", "--all", "--filter", "label=skyburst:managed", "--format", "{{.Names}} {{.Status}}");

  async function start(options: DockerOptions = {}, more: Partial<OpenOptions> = {}): Promise<Session> {
    const backend = docker({ socketPath: engine.socketPath, image: engine.image, ...options });
    const store = directory(join(place, "store"));
    session = await open({ backend, store, workers: 2, spec: { slots: 1 }, linger: 60_000, ...more });
    return session;
  }

  async function ran(
    { lines }: Session,
    argv: readonly string[],
    inputs = ["null"],
  ): Promise<readonly Outcome<{ readonly stdout: string; readonly code: number }>[]> {
    const outcomes = [];
    const feed = { segments: one(inputs), gather: 1, count: inputs.length };
    for await (const part of lines({ kind: "command", name: argv[0] ?? "", argv, substitute: false }, feed)) {
      const texts = Buffer.from(part.lines).toString().trimEnd().split("\n");
      outcomes.push(
        ...texts.map((text) => JSON.parse(text) as Outcome<{ readonly stdout: string; readonly code: number }>),
      );
    }
    return outcomes;
  }

  test("functions run in an image that has no Node.js", async () => {
    const { map } = await start();
    const inputs = Array.from({ length: 500 }, (_, n) => n);
    expect(await map(square, inputs).values()).toEqual(inputs.map((n) => n * n));
    expect(await map(platformOf, [0]).values()).toEqual([
      { node: process.version, files: ["bin", "etc", "tmp", "usr"] },
    ]);
  });

  test("commands run in the image as it is", async () => {
    const [outcome] = await ran(await start(), ["sh", "-c", "busybox | head -1; exit 0"]);
    expect(outcome).toMatchObject({ status: "succeeded" });
  });

  test("a command runs in an image that has no shell", async () => {
    const [outcome] = await ran(await start({ image: engine.bareImage }), ["/busybox", "true"]);
    expect(outcome).toMatchObject({ status: "succeeded" });
  });

  test("a container that is killed runs its task again", async () => {
    const it = await start({}, { workers: 1 });
    const collecting = it.map(hang, [join(place, "store")], { retries: 0 }).values();
    await until(async () => existsSync(join(place, "store", "begun")));
    const [id = ""] = await containers();
    await engine.docker("kill", id);
    expect(await collecting).toEqual([2]);
  });

  test("memory is what was asked for, and who takes more is to blame for it", async () => {
    const { map } = await start({ memory: 256 * 2 ** 20, cpu: 1 }, { workers: 1 });
    const [outcome] = await collected(map(grow, [512 * 2 ** 20]));
    expect(outcome).toMatchObject({ status: "failed", blame: "oom" });
  });

  test("on S3 workers have the client's credentials, and nobody else sees them", async () => {
    const server = await versitygw();
    process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
    try {
      const store = s3({ bucket: await server.bucket(), endpoint: server.endpoint });
      const it = await start({ network: "host" }, { store, workers: 1 });
      expect(await it.map(square, [1, 2, 3]).values()).toEqual([1, 4, 9]);
      // It stays for what may come.
      const [id = ""] = await containers();
      const shown = [
        await engine.docker("inspect", id),
        await engine.docker("top", id),
        await engine.docker("logs", id),
      ];
      for (const text of shown) expect(text).not.toContain(server.secretAccessKey);
      const objects = [];
      for await (const { entries } of store.list("s/")) objects.push(...entries);
      for (const { key } of objects)
        expect(Buffer.from((await store.get(key)) ?? []).toString("latin1")).not.toContain(server.secretAccessKey);
    } finally {
      await session?.close();
      delete process.env.AWS_ACCESS_KEY_ID;
      delete process.env.AWS_SECRET_ACCESS_KEY;
      await server.stop();
    }
  });

  test("workers that end before they work are told of with what they said, where the first one is not waited for any more", async () => {
    await (await start()).map(square, [1]).values();
    await session?.close();
    // Nobody but who may do everything gets through, and workers may do nothing.
    chmodSync(join(place, "store"), 0);
    const { map } = await start();
    await expect(map(square, [1]).values()).rejects.toMatchObject({
      message: expect.stringMatching(/^Workers on docker end before they work\. The last one said: .*EACCES/s),
    });
  });

  test("an engine that is restarted loses nothing", async () => {
    const { map } = await start();
    const collecting = map(
      square,
      Array.from({ length: 2000 }, (_, n) => n),
    ).values();
    await until(containers);
    await engine.restart();
    expect((await collecting).length).toBe(2000);
  });
});

async function collected<T>(outcomes: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const outcome of outcomes) all.push(outcome);
  return all;
}

async function* one(inputs: readonly string[]) {
  yield { count: inputs.length, rich: [], lines: Buffer.from(inputs.map((line) => `${line}\n`).join("")) };
}

/** Waits for a fact. */
async function until<T>(look: () => Promise<T>): Promise<T> {
  for (;;) {
    const found = await look();
    if (Array.isArray(found) ? found.length > 0 : found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
