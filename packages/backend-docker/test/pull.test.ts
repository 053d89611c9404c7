import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Backend, LaunchOptions, LaunchResult } from "@skyburst/core";
import { dockerEngine, dockerRegistry, unavailable } from "@skyburst/engines";
import type { DockerEngine, DockerRegistry } from "@skyburst/engines";
import { pack } from "tar-stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { docker } from "../src/index.ts";
import type { DockerOptions } from "../src/index.ts";

const run = promisify(execFile);
const missing = (await unavailable("docker")) ?? (await unavailable("docker-registry"));

describe.skipIf(missing)(`images from a registry${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let free: DockerRegistry;
  let guarded: DockerRegistry;
  let place: string;
  let config: string;

  beforeAll(async () => {
    [engine, free, guarded] = await Promise.all([dockerEngine(), dockerRegistry(), dockerRegistry({ guarded: true })]);
    place = mkdtempSync(join(tmpdir(), "skyburst-pull-"));
    const large = join(place, "large.tar");
    await archived(large, { "large.bin": randomBytes(8_000_000) });
    await engine.docker("import", large, `${free.address}/large:1`);
    await engine.docker("push", "--quiet", `${free.address}/large:1`);
    await engine.docker("tag", engine.image, `${guarded.address}/secret:1`);
    await engine.docker("--config", place, "login", "-u", guarded.username, "-p", guarded.password, guarded.address);
    await engine.docker("--config", place, "push", "--quiet", `${guarded.address}/secret:1`);
  });
  afterAll(async () => {
    await Promise.all([engine?.stop(), free?.stop(), guarded?.stop()]);
    rmSync(place, { recursive: true, force: true });
  });
  beforeEach(async () => {
    config = mkdtempSync(join(place, "config-"));
    vi.stubEnv("DOCKER_CONFIG", config);
    for (const image of [`${free.address}/large:1`, `${guarded.address}/secret:1`])
      await engine.docker("rmi", image).catch(isGone);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    const left = (await engine.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
    if (left.length > 0) await engine.docker("rm", "--force", ...left);
  });

  const ask = (image: string, options: DockerOptions = {}, told?: string[]) =>
    launch(docker({ socketPath: engine.socketPath, image, ...options }), place, {}, told);

  test("are pulled, and who waits is told how far that is", async () => {
    const told: string[] = [];
    const { started } = await ask(`${free.address}/large:1`, {}, told);
    expect(started).toHaveLength(1);
    expect(told[0]).toMatch(/^pulling 127\.0\.0\.1:\d+\/large:1: \d of 9 MB$/);
    expect(told.findLast((text) => text.startsWith("pulling"))).toMatch(/large:1: all 9 MB are here, unpacking$/);
    expect(new Set(told).size).toBe(told.length);
  });

  test("are pulled although the engine has one of that name, where that is asked for", async () => {
    const image = `${free.address}/moving:1`;
    await engine.docker("tag", engine.bareImage, image);
    await engine.docker("push", "--quiet", image);
    await engine.docker("tag", engine.image, image);
    const [old, fresh] = (await engine.docker("inspect", "--format", "{{.Id}}", engine.image, engine.bareImage)).split(
      "\n",
    );
    const idOf = async ({ started }: Awaited<ReturnType<typeof ask>>) =>
      (await engine.docker("inspect", "--format", "{{.Image}}", started[0]?.id ?? "")).trim();
    expect(await idOf(await ask(image))).toBe(old);
    expect(await idOf(await ask(image, { pullPolicy: "always" }))).toBe(fresh);
  });

  describe("that somebody guards", () => {
    const secret = () => `${guarded.address}/secret:1`;
    const right = () => ({ username: guarded.username, password: guarded.password });
    const inBase64 = () => Buffer.from(`${guarded.username}:${guarded.password}`).toString("base64");

    test("are pulled as the options say", async () => {
      expect((await ask(secret(), { registryAuth: right() })).started).toHaveLength(1);
    });

    test("are pulled as `docker login` wrote it down", async () => {
      configure({ auths: { [guarded.address]: { auth: inBase64() } } });
      expect((await ask(secret())).started).toHaveLength(1);
    });

    test("are pulled as `docker login` once wrote it down", async () => {
      configure({ auths: { [`http://${guarded.address}/v1/`]: { auth: inBase64() } } });
      expect((await ask(secret())).started).toHaveLength(1);
    });

    test.each([
      ["all registries", () => ({ credsStore: "tests" })],
      ["this registry", () => ({ credHelpers: { [guarded.address]: "tests" }, credsStore: "of-others" })],
    ])("are pulled as a program for %s says that keeps credentials", async (_, configuration) => {
      helper(`echo '${JSON.stringify({ ServerURL: "", Username: guarded.username, Secret: guarded.password })}'`);
      configure(configuration());
      expect((await ask(secret())).started).toHaveLength(1);
    });

    test("are refused to nobody, with how to become somebody", async () => {
      helper("echo credentials not found in native keychain; exit 1");
      configure({ credsStore: "tests" });
      expect((await ask(secret())).refused).toEqual([
        {
          slot: 0,
          kind: "permission",
          message: expect.stringMatching(/does not let us .*\(`docker login 127\.0\.0\.1:\d+`\)/),
        },
      ]);
    });

    test("are refused to who may not, by name and without the password", async () => {
      const { refused } = await ask(secret(), { registryAuth: { username: "eve", password: "guessed" } });
      expect(refused).toEqual([
        { slot: 0, kind: "permission", message: expect.stringContaining("it was asked as eve") },
      ]);
      expect(refused[0]?.message).not.toContain("guessed");
    });

    test.each([
      ["fails", "echo it is locked >&2; exit 3", /docker-credential-tests, .* it ended with 3: it is locked/],
      ["is confused", 'echo \'{"Secret":"s3cr3t"}\'', /docker-credential-tests, .* has no Username and Secret/],
    ])("are refused with what is wrong about a program that keeps credentials and %s", async (_, script, message) => {
      helper(script);
      configure({ credsStore: "tests" });
      const { refused } = await ask(secret());
      expect(refused).toEqual([{ slot: 0, kind: "permission", message: expect.stringMatching(message) }]);
      expect(refused[0]?.message).not.toContain("s3cr3t");
    });

    test("are refused where that program is not there", async () => {
      configure({ credsStore: "not-there" });
      const { refused } = await ask(secret());
      expect(refused[0]?.message).toMatch(/docker-credential-not-there, .* ENOENT/);
    });
  });

  test("that the registry does not have are refused at once", async () => {
    for (const image of [
      `${free.address}/none`,
      `${free.address}/large:2`,
      `${free.address}/large@sha256:${"0".repeat(64)}`,
    ])
      expect((await ask(image)).refused).toEqual([
        {
          slot: 0,
          kind: "image",
          message: expect.stringMatching(/has no such image .*Look whether its name and its tag are right\.$/),
        },
      ]);
  });

  test("of a name that can't be are refused as an option", async () => {
    expect((await ask("two words")).refused).toMatchObject([
      { kind: "option", message: expect.stringMatching(/^No image can be named "two words"/) },
    ]);
    expect((await ask(`${free.address}/Large`)).refused).toMatchObject([
      { kind: "option", message: expect.stringMatching(/its name, or the platform, can't be/) },
    ]);
  });

  test("of another platform are refused with both platforms", async () => {
    const { refused } = await ask(`${free.address}/large:1`, { platform: "linux/s390x" });
    expect(refused).toMatchObject([
      {
        kind: "image",
        message: expect.stringMatching(
          /is of linux\/\w+, and linux\/s390x is wanted: its registry has it for no other/,
        ),
      },
    ]);
  });

  test("of several platforms, none of them the one that is wanted, are refused", async () => {
    const [many, one] = [`${free.address}/many:1`, `${free.address}/one:1`];
    await engine.docker("tag", engine.image, one);
    await engine.docker("push", "--quiet", one);
    await engine.docker("--config", config, "manifest", "create", "--insecure", many, one);
    await engine.docker("--config", config, "manifest", "push", "--insecure", many);
    const { refused } = await ask(many, { platform: "linux/s390x" });
    expect(refused).toMatchObject([
      { kind: "image", message: expect.stringMatching(/there is none of that platform/) },
    ]);
    expect((await ask(many)).started).toHaveLength(1);
  });

  test("that are damaged, which shows after the engine's yes, are refused", async () => {
    const image = `${free.address}/damaged:1`;
    const archive = join(place, "damaged.tar");
    await archived(archive, { bytes: randomBytes(2_000_000) });
    await engine.docker("import", archive, image);
    await engine.docker("push", "--quiet", image);
    await engine.docker("rmi", image);
    const blob = filesIn(free.storage).find((path) => {
      const { size } = statSync(path);
      return size > 2_000_000 && size < 3_000_000;
    });
    writeFileSync(blob ?? "", "something else");
    const damaged = {
      kind: "image",
      message: expect.stringMatching(/what the registry .* keeps of it is damaged .*Push it/),
    };
    expect((await ask(image)).refused).toMatchObject([damaged]);
    rmSync(blob ?? "");
    expect((await ask(image)).refused).toMatchObject([damaged]);
  });

  test("that nobody serves are refused, with where it was asked", async () => {
    const gone = await dockerRegistry();
    await gone.stop();
    expect((await ask(`${gone.address}/a:1`)).refused).toMatchObject([
      { kind: "image", message: expect.stringMatching(`no registry answers at ${gone.address} .*connection refused`) },
    ]);
    expect((await ask("registry.invalid/a:1")).refused).toMatchObject([
      { kind: "image", message: expect.stringMatching(/no registry answers at registry\.invalid .*no such host/) },
    ]);
  });

  test.each<[string, (answer: ServerResponse) => void, RegExp]>([
    ["breaks off", (answer) => answer.destroy(), /did not answer to the end/],
    ["is overloaded", (answer) => answer.writeHead(503).end(), /did not answer to the end .*503/],
    ["has given enough for now", (answer) => answer.writeHead(429).end(), /gives no more for now .*docker login/],
  ])("wait for a registry that %s", async (_, behaviour, message) => {
    const server = createServer((_request, answer) => behaviour(answer)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const { refused } = await ask(`127.0.0.1:${port}/a:1`);
      expect(refused).toEqual([{ slot: 0, kind: "unavailable", message: expect.stringMatching(message) }]);
    } finally {
      server.close();
    }
  });

  test("that do not fit on the engine's disk wait for room there", async () => {
    const image = `${free.address}/huge:1`;
    const archive = join(place, "huge.tar");
    await archived(archive, { zeros: Buffer.alloc(100_000_000) });
    await engine.docker("import", archive, image);
    await engine.docker("push", "--quiet", image);
    const disk = join(place, "disk");
    mkdirSync(disk);
    await run("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]);
    const small = await dockerEngine(disk);
    try {
      const { refused } = await ask(image, { socketPath: small.socketPath });
      expect(refused).toEqual([
        {
          slot: 0,
          kind: "capacity",
          message: expect.stringMatching(/the engine's disk is full .*docker system prune/),
        },
      ]);
    } finally {
      await small.stop();
      await run("umount", [disk]);
    }
  });

  test("are pulled no further when nobody waits for them", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const giveUp = new AbortController();
    const backend = docker({ socketPath: engine.socketPath, image: `127.0.0.1:${port}/a:1` });
    try {
      const asked = once(server, "request");
      const launched = launch(backend, place, { signal: giveUp.signal });
      await asked;
      giveUp.abort(new Error("enough"));
      await expect(launched).rejects.toThrow("enough");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  function configure(configuration: object): void {
    writeFileSync(join(config, "config.json"), JSON.stringify(configuration));
  }

  /** A program that keeps credentials, as `docker-credential-tests`. */
  function helper(script: string): void {
    const bin = join(config, "bin");
    mkdirSync(bin);
    const program = join(bin, "docker-credential-tests");
    writeFileSync(program, `#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = "${guarded.address}" ] || exit 9\n${script}\n`);
    chmodSync(program, 0o755);
    vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
  }
});

/** One worker that stays. */
function launch(
  backend: Backend,
  place: string,
  { signal }: LaunchOptions,
  told: string[] = [],
): Promise<LaunchResult> {
  const source = "setInterval(() => {}, 1e6);\n";
  const file = join(place, "program.mjs");
  writeFileSync(file, source);
  const program = { sha256: createHash("sha256").update(source).digest("hex"), url: pathToFileURL(file).href };
  const token = randomBytes(8).toString("hex");
  const request = { sessionId: "s", launch: 0, token, slots: [0], spec: {}, program, storeId: "0", args: [] };
  return backend.launch(request, { signal, progress: (text) => told.push(text) });
}

async function archived(path: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  await pipeline(archive, createWriteStream(path));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
}

function isGone(error: unknown): void {
  if (!/No such image/.test(String(error))) throw error;
}
