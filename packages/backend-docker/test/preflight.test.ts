import { createHash, randomBytes } from "node:crypto";
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LaunchOptions, LaunchRequest, LaunchResult } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { findEngine } from "../src/address.ts";
import { Engine } from "../src/engine.ts";
import { docker } from "../src/index.ts";
import type { DockerOptions } from "../src/index.ts";
import { preflight } from "../src/preflight.ts";

const missing = await unavailable("docker");
const readyLine = "here I am";
const stays = "setInterval(() => {}, 1e6);";
const opens = `process.stdout.write("something else\\n"); if (process.env.SKYBURST_READY) console.log("${readyLine}"); ${stays}`;

describe.skipIf(missing)(`the first worker of a wave${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;

  beforeAll(async () => {
    engine = await dockerEngine();
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "skyburst-preflight-"));
    vi.stubEnv("XDG_CACHE_HOME", place);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    rmSync(place, { recursive: true, force: true });
    const left = await names();
    if (left.length > 0) await engine.docker("rm", "--force", ...left);
  });

  const names = async () =>
    (await engine.docker("ps", "--all", "--format", "{{.Names}}")).split("\n").filter(Boolean).sort();

  /** Which workers were asked to say when they have opened their store. */
  const asked = async ({ started }: LaunchResult) => {
    const ids = started.map(({ id }) => id);
    const found = await engine.docker("inspect", "--format", "{{.Config.Env}}", ...ids);
    return found
      .trim()
      .split("\n")
      .map((line) => line.includes("SKYBURST_READY=1"));
  };

  function launch(
    source: string,
    request: Partial<LaunchRequest> = {},
    options: DockerOptions = {},
    how: LaunchOptions = {},
  ): Promise<LaunchResult> {
    const backend = docker({ socketPath: engine.socketPath, image: engine.image, ...options });
    const file = join(place, "program.mjs");
    writeFileSync(file, source);
    const program = { sha256: createHash("sha256").update(source).digest("hex"), url: pathToFileURL(file).href };
    const token = randomBytes(8).toString("hex");
    const base = { sessionId: "s", launch: 0, token, slots: [0, 1], spec: {}, storeId: "0", args: [], readyLine };
    return backend.launch({ ...base, program, ...request }, how);
  }

  test("is waited for, and the others follow", async () => {
    const result = await launch(opens);
    expect(result.started).toHaveLength(2);
    expect(await asked(result)).toEqual([true, false]);
  });

  test("is not waited for where that is known of engine, image, store, network and size", async () => {
    await launch(opens);
    expect(await asked(await launch(opens))).toEqual([false, false]);
    for (const other of [{ storeId: "1" }, { spec: { memory: 2 ** 27 } }, { spec: { image: "skyburst-test/bare" } }])
      expect(await asked(await launch(opens, { slots: [0], ...other }))).toEqual([true]);
    expect(await asked(await launch(opens, { slots: [0] }, { network: "none" }))).toEqual([true]);
  });

  test("is waited for again after a day, and what is that old is kept no longer", async () => {
    await launch(opens, { slots: [0] });
    const folder = join(place, "skyburst/docker");
    const [kept = ""] = readdirSync(folder);
    const yesterday = Date.now() / 1000 - 90_000;
    for (const name of [kept, "another"]) {
      writeFileSync(join(folder, name), "");
      utimesSync(join(folder, name), yesterday, yesterday);
    }
    expect(await asked(await launch(opens, { slots: [0] }))).toEqual([true]);
    expect(readdirSync(folder)).toEqual([kept]);
  });

  test("needs no place for what is known", async () => {
    writeFileSync(join(place, "skyburst"), "a file where the folder would be");
    expect((await launch(opens)).started).toHaveLength(2);
  });

  test("that can't open its store is the last of them, and all are refused with what it said", async () => {
    const source = 'console.error("Error: no such bucket\\n    at somewhere (file.js:1:2)"); process.exit(1);';
    const { started, refused } = await launch(source);
    expect(started).toEqual([]);
    const message =
      "The first worker ended with 1 before it could open its store: Error: no such bucket. Look whether its container can reach the store.";
    expect(refused).toEqual([0, 1].map((slot) => ({ slot, kind: "option", message })));
    expect(await names()).toEqual([]);
  });

  test("that may not write to the store's directory says whose that has to be", async () => {
    const store = join(place, "store");
    mkdirSync(store);
    chownSync(store, 1234, 1234);
    mkdirSync(join(store, "s"));
    const source = `import { mkdirSync } from "node:fs"; mkdirSync(${JSON.stringify(join(store, "s/x"))});`;
    const { refused } = await launch(source, { directories: [store] });
    expect(refused[0]?.message).toMatch(/EACCES.* Workers run as the owner of the store directory, .*`chown -R`/s);
  });

  test("that is killed may do better next time", async () => {
    const { refused } = await launch('process.kill(process.pid, "SIGKILL")');
    expect(refused).toMatchObject([0, 1].map((slot) => ({ slot, kind: "unavailable" })));
    expect(await names()).toEqual([]);
  });

  test("that leaves in order has found nothing out", async () => {
    expect((await launch("process.exit(0)")).started).toHaveLength(2);
    expect(await asked(await launch(opens, { slots: [0] }))).toEqual([true]);
  });

  test("is not waited for by whoever repeats the launch", async () => {
    const token = "the-same-token";
    const { started } = await launch(opens, { token });
    mkdirSync(join(place, "elsewhere"));
    vi.stubEnv("XDG_CACHE_HOME", join(place, "elsewhere"));
    await engine.docker("kill", ...started.map(({ id }) => id));
    expect((await launch(opens, { token })).started).toEqual(started);
  });

  test("is waited for no longer than anybody wants it", async () => {
    const giveUp = new AbortController();
    const progress = (text: string) => void (text.includes("opened its store") && giveUp.abort());
    const { started, refused } = await launch(stays, {}, {}, { signal: giveUp.signal, progress });
    expect(started).toMatchObject([{ slot: 0 }]);
    expect(refused).toMatchObject([{ slot: 1, kind: "unavailable" }]);
    expect(await asked(await launch(opens, { slots: [0] }))).toEqual([true]);
  });

  test("is not waited for for ever", async () => {
    const { started } = await launch(`console.error("still trying"); ${stays}`, { slots: [0], readyLine: undefined });
    const address = findEngine({ socketPath: engine.socketPath });
    const found = await preflight(new Engine(address), started[0]?.id ?? "", {
      readyLine,
      network: "none",
      patience: 1,
    });
    expect(found).toMatchObject({ kind: "unavailable", message: expect.stringContaining("Its network is `none`") });
  });
});
