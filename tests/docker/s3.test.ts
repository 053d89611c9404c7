import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { docker, type DockerOptions } from "@skyburst/backend-docker";
import { open, type OpenOptions, type StateStore } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable, type Versitygw, versitygw } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { square } from "../session-tasks.ts";

const missing = (await unavailable("docker")) ?? (await unavailable("versitygw"));

describe.skipIf(missing)(`containers and their store${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  /** For everybody, and for this machine alone. */
  let wide: Versitygw;
  let narrow: Versitygw;
  let place: string;
  let begun: number;

  beforeAll(async () => {
    [engine, wide, narrow] = await Promise.all([dockerEngine(), versitygw(undefined, "0.0.0.0"), versitygw()]);
  });
  afterAll(() => Promise.all([engine?.stop(), wide?.stop(), narrow?.stop()]));
  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), "skyburst-store-"));
    vi.stubEnv("XDG_CACHE_HOME", place);
    vi.stubEnv("AWS_ACCESS_KEY_ID", wide.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", wide.secretAccessKey);
    // In whole seconds, as the engine takes them: what was made in this one before is counted by name.
    begun = Math.floor(Date.now() / 1000);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(place, { recursive: true, force: true });
  });

  const start = (store: StateStore, options: DockerOptions = {}, more: Partial<OpenOptions> = {}) => {
    const backend = docker({ socketPath: engine.socketPath, image: engine.image, ...options });
    return open({ backend, store, workers: 3, spec: { slots: 1 }, linger: 60_000, ...more });
  };
  const on = async (server: Versitygw) => s3({ bucket: await server.bucket(), endpoint: server.endpoint });

  /** Workers' containers of a session that were made, whatever became of them. */
  const made = async (session: string) => {
    const filters = ["--filter", "event=create", "--filter", `label=skyburst:session=${session}`];
    const until = String(Math.ceil(Date.now() / 1000));
    const told = await engine.docker("events", "--since", String(begun), "--until", until, ...filters);
    return told.split("\n").filter(Boolean).length;
  };
  const variables = async (session: string) => {
    const ids = await engine.docker("ps", "--all", "--quiet", "--filter", `label=skyburst:session=${session}`);
    const inspected = await engine.docker("inspect", "--format", "{{json .Config.Env}}", ...ids.trim().split("\n"));
    return inspected
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as string[]);
  };

  test("reach what listens on this machine under its address here", async () => {
    const store = await on(wide);
    await using session = await start(store);
    expect(await session.map(square, [1, 2, 3]).values()).toEqual([1, 4, 9]);
    expect(store.reference.options).toMatchObject({ endpoint: wide.endpoint });
    expect(wide.endpoint).toContain("127.0.0.1");
  });

  test("say why they can't reach what listens on the loopback alone, and no second one is tried", async () => {
    await using session = await start(await on(narrow));
    await expect(session.map(square, [1, 2, 3]).values()).rejects.toThrow(
      /The first worker ended with 1 before it could open its store: .*host\.docker\.internal:\d+.*\(0\.0\.0\.0\).*docker\(\{ network: "host" \}\)/s,
    );
    expect(await made(session.id)).toBe(1);
  });

  test("reach that in the machine's own network", async () => {
    await using session = await start(await on(narrow), { network: "host" });
    expect(await session.map(square, [2]).values()).toEqual([4]);
  });

  test("of an engine on another machine say that a loopback is not the same one there", async () => {
    const there = await atAnotherAddress(engine.socketPath);
    try {
      await using session = await start(await on(wide), { socketPath: undefined, host: there.host });
      await expect(session.map(square, [1]).values()).rejects.toThrow(
        /127\.0\.0\.1:\d+.* On the engine's machine that address is another place than here/s,
      );
    } finally {
      there.close();
    }
  });

  test("without a network have a store that is a directory", async () => {
    await using session = await start(directory(join(place, "store")), { network: "none" });
    expect(await session.map(square, [3]).values()).toEqual([9]);
  });

  test("that have too little memory for Node.js say so", async () => {
    await using session = await start(directory(join(place, "store")), { memory: 6 * 2 ** 20 });
    await expect(session.map(square, [1]).values()).rejects.toThrow(/for want of memory .* give workers more memory/);
    expect(await made(session.id)).toBe(1);
  });

  test("that are known to reach it are not waited for, by any process", async () => {
    const store = directory(join(place, "store"));
    const asked = (all: string[][]) => all.map((names) => names.includes("SKYBURST_READY=1"));
    {
      await using session = await start(store, {}, { workers: 2 });
      await session.map(square, [1, 2, 3]).values();
      expect(asked(await variables(session.id))).toContain(true);
    }
    expect(readdirSync(join(place, "skyburst/docker"))).toHaveLength(1);
    {
      await using session = await start(store, {}, { workers: 2 });
      await session.map(square, [1, 2, 3]).values();
      expect(asked(await variables(session.id))).not.toContain(true);
    }
    // Of another size, nobody knows.
    await using session = await start(store, { memory: 2 ** 28 }, { workers: 1 });
    await session.map(square, [1]).values();
    expect(asked(await variables(session.id))).toEqual([true]);
  });
});

/** The same engine under an address of this machine that is none of its loopback. */
async function atAnotherAddress(socketPath: string) {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
  const address = addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "";
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: socketPath, allowHalfOpen: true });
    client.pipe(engine).pipe(client);
    client.on("error", () => engine.destroy());
    engine.on("error", () => client.destroy());
  }).listen(0, address);
  await once(server, "listening");
  return { host: `tcp://${address}:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
