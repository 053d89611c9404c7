import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "@skyburst/backend-docker";
import { open } from "@skyburst/core";
import { type DockerEngine, dockerEngine, type DockerRegistry, dockerRegistry, unavailable } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start as begin } from "../faults/outlive/command.ts";
import { square } from "../session-tasks.ts";

const missing = (await unavailable("docker")) ?? (await unavailable("docker-registry"));

describe.skipIf(missing)(`an image that takes its time to come${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let registry: DockerRegistry;
  let slow: SlowLine;
  let place: string;

  beforeAll(async () => {
    [engine, registry] = await Promise.all([dockerEngine(), dockerRegistry()]);
    slow = await slowLine(registry.port);
    place = mkdtempSync(join(tmpdir(), "skyburst-image-"));
    const root = join(place, "root");
    mkdirSync(root);
    writeFileSync(join(root, "large.bin"), randomBytes(8_000_000));
    const busybox = execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
    copyFileSync(busybox, join(root, "busybox"));
    execFileSync("tar", ["--create", "--file", `${root}.tar`, "--directory", root, "."]);
    await engine.docker("import", `${root}.tar`, `${registry.address}/tools:1`);
    await engine.docker("push", "--quiet", `${registry.address}/tools:1`);
    await engine.docker("rmi", `${registry.address}/tools:1`);
  });
  afterAll(async () => {
    slow?.server.closeAllConnections();
    slow?.server.close();
    await Promise.all([engine?.stop(), registry?.stop()]);
    rmSync(place, { recursive: true, force: true });
  });

  const start = (name: string) => {
    const backend = docker({ socketPath: engine.socketPath, image: `127.0.0.1:${slow.port}/tools:1` });
    return open({ backend, store: directory(join(place, name)), workers: 2 });
  };
  const containers = () => engine.docker("ps", "--all", "--quiet", "--filter", "label=skyburst:managed");

  test("is given up with the session", async () => {
    slow.hold();
    const session = await start("given-up");
    const collecting = session.map(square, [1, 2]).values();
    const given = collecting.catch((error: unknown) => error);
    await slow.held();
    await session.close();
    await given;
    expect(await containers()).toBe("");
  });

  test("is told of to who runs one command in it", async () => {
    slow.hold();
    const home = join(place, "home");
    mkdirSync(home);
    const args = [
      "run",
      "--backend",
      "docker",
      "--image",
      `127.0.0.1:${slow.port}/tools:1`,
      "--",
      "/busybox",
      "echo",
      "a",
    ];
    const { process, ended } = begin({ directory: home, home }, args, {
      DOCKER_HOST: engine.host,
      SKYBURST_DOCKER_NODE: "host",
    });
    let said = "";
    process.stderr?.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      if (/^skyburst: waiting \d+s: pulling 127\.0\.0\.1:\d+\/tools:1: [1-7] of \d+ MB$/m.test(said)) slow.release();
    });
    expect(await ended).toMatchObject({ stdout: "a\n", code: 0 });
    await engine.docker("rmi", `127.0.0.1:${slow.port}/tools:1`);
  });

  test("is told of, as far as it is", async () => {
    slow.hold();
    await using session = await start("told");
    const collecting = session.map(square, [1, 2]).values();
    const said = new Set<string>();
    while (![...said].some((text) => /^pulling 127\.0\.0\.1:\d+\/tools:1: [1-7] of \d+ MB$/.test(text))) {
      const { fleet } = await session.status();
      if (fleet) said.add(fleet.because);
      // A directory answers at once: nothing else would ever have its turn.
      await new Promise(setImmediate);
    }
    slow.release();
    expect(await collecting).toEqual([1, 4]);
  });
});

interface SlowLine {
  readonly server: Server;
  readonly port: number;
  /** From now on, of what is large only the first half comes. */
  hold(): void;
  /** The other half, too. */
  release(): void;
  /** Resolves when half of something large has gone through. */
  held(): Promise<void>;
}

/** Stands before a server on this machine. */
async function slowLine(target: number): Promise<SlowLine> {
  let gate = signal();
  let half = signal();
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method, url: path, headers } = incoming;
    const asked = request({ host: "127.0.0.1", port: target, method, path, headers }).end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    const length = Number(answer.headers["content-length"] ?? 0);
    let gone = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (length > 1e6 && gone > length / 2) {
        half.resolve();
        await gate.promise;
      }
      outgoing.write(chunk);
      gone += chunk.length;
    }
    outgoing.end();
  };
  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing).catch(() => outgoing.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    hold() {
      gate = signal();
      half = signal();
    },
    release: () => gate.resolve(),
    held: () => half.promise,
  };
}

/** A promise, and what resolves it. */
function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
