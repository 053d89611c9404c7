import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { docker } from "../src/index.ts";

const missing = await unavailable("docker");

// Each request is some milliseconds of every launch: one that is added has to be worth it.
describe.skipIf(missing)(`what an engine is asked${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;
  let proxy: Server;
  let asked: string[] = [];

  beforeAll(async () => {
    engine = await dockerEngine();
    place = mkdtempSync(join(tmpdir(), "skyburst-requests-"));
    proxy = createServer({ allowHalfOpen: true }, (client) => {
      const server = connect({ path: engine.socketPath, allowHalfOpen: true });
      client.on("data", (chunk) => {
        const [, method, path] = /^(\w+) ([^ ?]+)\S* HTTP\/1\.1\r\n/.exec(chunk.toString("latin1")) ?? [];
        if (method && path) asked.push(`${method} ${nameless(path)}`);
      });
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const)
        one.pipe(other).on("error", () => one.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(join(place, "docker.sock"), resolve));
    // The first of all fills the volume.
    await life(1);
  });
  afterAll(async () => {
    proxy?.close();
    await engine?.stop();
    rmSync(place, { recursive: true, force: true });
  });
  beforeEach(() => {
    asked = [];
  });

  /** Workers that end at once, from their launch until they are removed. Resolves with the requests of the launch alone. */
  async function life(workers: number): Promise<readonly string[]> {
    const backend = docker({ socketPath: join(place, "docker.sock"), image: engine.image });
    const file = join(place, "program.mjs");
    writeFileSync(file, "");
    const program = { sha256: createHash("sha256").update("").digest("hex"), url: pathToFileURL(file).href };
    const slots = Array.from({ length: workers }, (_, slot) => slot);
    const sessionId = randomUUID();
    const token = randomBytes(8).toString("hex");
    const request = { sessionId, launch: 0, token, slots, spec: {}, program, storeId: "0", args: [] };
    const { started } = await backend.launch(request);
    expect(started.length).toBe(workers);
    const launch = [...asked];
    const ended = new Set<string>();
    for await (const found of backend.watch?.(sessionId) ?? []) {
      for (const { id, state } of found) if (state === "exited") ended.add(id);
      if (ended.size === workers && found.length === 0) break;
    }
    await backend.close?.();
    return launch;
  }

  test("for one worker", async () => {
    const launch = await life(1);
    expect(launch.toSorted()).toEqual(
      [...looks, "POST /containers/create", "HEAD /containers/…/archive", "POST /containers/…/start"].toSorted(),
    );
  });

  test("for twenty is what twenty containers take, and what one launch does", async () => {
    const launch = await life(20);
    expect(launch.filter((line) => line === "POST /containers/create").length).toBe(20);
    expect(launch.filter((line) => line === "POST /containers/…/start").length).toBe(20);
    expect(launch.filter((line) => !/create$|start$/.test(line)).toSorted()).toEqual(
      [...looks, "HEAD /containers/…/archive"].toSorted(),
    );
    expect(asked.filter((line) => line === "DELETE /containers/…").length).toBe(20);
    // Each end is looked at once, however many events there were.
    expect(asked.filter((line) => line === "GET /containers/…/json").length).toBe(20);
  });
});

/** Without ids and names. */
function nameless(path: string): string {
  return path
    .replace(/^\/(containers|images)\/.+\/(\w+)$/, "/$1/…/$2")
    .replace(/^\/containers\/skyburst-[\w-]+$/, "/containers/…");
}

/** What the engine's machine is, which workers there are, and whether the image is there. */
const looks = ["GET /info", "GET /containers/json", "GET /images/…/json"];
