import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Backend } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { docker } from "../src/index.ts";
import type { DockerOptions } from "../src/index.ts";
import { importRoot, major, platform, standInForStock, stockName } from "./stock-image.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`the Node.js of workers${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;
  let backend: Backend;

  beforeAll(async () => {
    engine = await dockerEngine();
    place = mkdtempSync(join(tmpdir(), "skyburst-runtime-"));
  });
  afterAll(async () => {
    await engine?.stop();
    rmSync(place, { recursive: true, force: true });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    const left = await lines("ps", "--all", "--quiet");
    if (left.length > 0) await engine.docker("rm", "--force", ...left);
    const volumes = await lines("volume", "ls", "--quiet");
    if (volumes.length > 0) await engine.docker("volume", "rm", ...volumes);
    await engine.docker("rmi", stockName).catch(() => "");
  });

  const lines = async (...args: string[]) => (await engine.docker(...args)).split("\n").filter(Boolean);

  async function launch(options: DockerOptions, source = program) {
    backend = docker({ socketPath: engine.socketPath, image: engine.bareImage, ...options });
    const file = join(place, "program.mjs");
    writeFileSync(file, source);
    const sha256 = createHash("sha256").update(source).digest("hex");
    const { started, refused } = await backend.launch({
      sessionId: "s",
      launch: 0,
      token: randomBytes(8).toString("hex"),
      slots: [0],
      spec: {},
      program: { sha256, url: pathToFileURL(file).href },
      storeId: "0",
      args: [],
    });
    return { id: started[0]?.id ?? "", refused };
  }

  /** What a worker prints that was launched so. */
  async function said(options: DockerOptions, source = program): Promise<Said> {
    const { id, refused } = await launch(options, source);
    expect(refused).toEqual([]);
    return await saidBy(id);
  }

  async function saidBy(id: string): Promise<Said> {
    await engine.docker("wait", id);
    return JSON.parse((await backend.logs?.(id)) ?? "") as Said;
  }

  /** Nor any other program. */
  async function withoutNpm<T>(act: () => Promise<T>): Promise<T> {
    const { PATH } = process.env;
    vi.stubEnv("PATH", "/nowhere");
    try {
      return await act();
    } finally {
      vi.stubEnv("PATH", PATH);
    }
  }

  test("is the stock image's (one made from the host's Node.js and libraries stands in) where the engine has that", async () => {
    await standInForStock(engine);
    const { version, contents } = await said({ node: "image" });
    expect(version).toBe(process.version);
    expect(contents).toMatchObject({ node: process.versions.node, source: `the image ${stockName}` });
    expect((await lines("ps", "--all", "--quiet")).length).toBe(1);
  });

  test("is not the stock image's (the host's stands in) when that holds another version", async () => {
    await standInForStock(engine, "18.20.4");
    const { refused } = await launch({ node: "image" });
    expect(refused).toMatchObject([
      { kind: "image", message: expect.stringMatching(/need Node\.js \d+.*holds Node\.js 18\.20\.4/) },
    ]);
    expect(await lines("ps", "--all", "--quiet")).toEqual([]);
  });

  test("is the npm package's (a real one, with the host's libraries) where no image can be had", async () => {
    vi.stubEnv("SKYBURST_DOCKER_NODE", "");
    const { version, contents } = await said({});
    expect(version.split(".", 1)[0]).toBe(`v${major}`);
    expect(contents.source).toMatch(/^the npm package node-linux-\w+ with the libraries of this machine$/);
    expect(`v${contents.node}`).toBe(version);
  });

  test("is taken from another volume of the engine, whoever filled that, and from no source again", async () => {
    await standInForStock(engine);
    vi.stubEnv("SKYBURST_DOCKER_NODE", "");
    const first = await said({});
    expect(first.contents.source).toBe(`the image ${stockName}`);
    await engine.docker("rmi", stockName);
    const second = await withoutNpm(() => launch({}, `${program}\n// Another one.\n`));
    expect(second.refused).toEqual([]);
    expect(await saidBy(second.id)).toEqual(first);
    expect(await lines("volume", "ls", "--quiet")).toHaveLength(2);
  });

  test("is given to an engine by several at once, and all of their workers run", async () => {
    const launched = await Promise.all(Array.from({ length: 6 }, () => launch({ node: "host" })));
    expect(launched.flatMap(({ refused }) => refused)).toEqual([]);
    for (const { id } of launched) expect((await saidBy(id)).version).toBe(process.version);
    expect(await lines("volume", "ls", "--quiet")).toHaveLength(1);
  });

  test("is asked for again where a volume is not whole", async () => {
    await said({ node: "host" });
    const [volume = ""] = await lines("volume", "ls", "--quiet");
    await engine.docker("run", "--rm", "--volume", `${volume}:/v`, engine.image, "rm", "/v/.whole", "/v/node");
    expect((await said({ node: "host" })).version).toBe(process.version);
    expect(await lines("volume", "ls", "--quiet")).toEqual([volume]);
  });

  test("is not mixed with what an image has at the same place", async () => {
    const root = mkdtempSync(join(place, "own-"));
    mkdirSync(join(root, "skyburst"));
    for (const name of [".whole", "other"]) writeFileSync(join(root, "skyburst", name), "{}");
    await importRoot(engine, root, "skyburst-test/own");
    const { contents } = await said({ node: "host", image: "skyburst-test/own" });
    expect(contents.source).toBe("the host's own");
    const [volume = ""] = await lines("volume", "ls", "--quiet");
    const files = await lines("run", "--rm", "--volume", `${volume}:/v`, engine.image, "ls", "-A", "/v");
    expect(files.toSorted()).toEqual([".whole", "lib", "node", "program.mjs"]);
  });

  test("is told of with every reason why there is none", async () => {
    vi.stubEnv("SKYBURST_DOCKER_NODE", "");
    const { refused } = await withoutNpm(() => launch({}));
    const reasons = [
      `Workers of ${platform} need Node.js ${major}, and there is none to be had.`,
      `image: The image ${stockName} can't be pulled: `,
      "npm: `npm pack ",
      "host: ",
      `docker pull --platform ${platform} ${stockName}`,
    ];
    expect(refused).toMatchObject([{ kind: "image" }]);
    for (const reason of reasons) expect(refused[0]?.message).toContain(reason);
    expect(await lines("ps", "--all", "--quiet")).toEqual([]);
  });

  test("is the host's own where that is asked for", async () => {
    const { version, contents } = await said({ node: "host" });
    expect(version).toBe(process.version);
    expect(contents).toMatchObject({ node: process.versions.node, source: "the host's own" });
  });
});

/** Tells what it runs on, and where that is from. */
const program = `
  import { readFileSync } from "node:fs";
  const contents = JSON.parse(readFileSync("/skyburst/.whole", "utf8"));
  console.log(JSON.stringify({ version: process.version, arch: process.arch, contents }));
`;

interface Said {
  readonly version: string;
  readonly arch: string;
  readonly contents: { readonly node: string; readonly source: string };
}
