import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "@skyburst/backend-docker";
import { gc, open, teardown } from "@skyburst/core";
import type { Backend, Garbage, Session, StateStore } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { directory } from "@skyburst/state-fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { grow } from "./tasks.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`what is left in an engine${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;
  let store: StateStore;
  let backend: Backend;
  let session: Session | undefined;

  beforeAll(async () => {
    engine = await dockerEngine();
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "skyburst-cleanup-"));
    store = directory(join(place, "store"));
    backend = docker({ socketPath: engine.socketPath, image: engine.image });
  });
  afterEach(async () => {
    await session?.close();
    session = undefined;
    await teardown(store, backend, { force: true });
    rmSync(place, { recursive: true, force: true });
  });

  const lines = async (...args: string[]) => (await engine.docker(...args)).split("\n").filter(Boolean);
  const containers = () => lines("ps", "--all", "--format", "{{.Names}}", "--filter", "label=skyburst:managed");
  const volumes = () => lines("volume", "ls", "--quiet");

  /** Runs something, and tells by which label its workers know its store. */
  async function worked(): Promise<string> {
    session = await open({ backend, store, workers: 1 });
    expect(await session.map(grow, [1]).values()).toEqual([1]);
    const [name = ""] = await containers();
    const label = await engine.docker("inspect", "--format", '{{index .Config.Labels "skyburst:store"}}', name);
    await session.close();
    return label.trim();
  }

  /** As somebody left a container who is no more. */
  async function leave(how: "run" | "create", name: string, of: string, id = "0000000-gone"): Promise<void> {
    const labels = {
      managed: "true",
      session: id,
      worker: name,
      launch: "0",
      slot: "0",
      store: of,
    };
    const given = Object.entries(labels).flatMap(([key, value]) => ["--label", `skyburst:${key}=${value}`]);
    const detached = how === "run" ? ["--detach"] : [];
    await engine.docker(how, ...detached, "--init", "--name", name, ...given, engine.image, "sleep", "1000");
  }

  async function swept(): Promise<readonly Garbage[]> {
    const found: Garbage[] = [];
    for await (const garbage of gc(store, { backend })) found.push(garbage);
    return found;
  }

  test("of a session that the store does not know is swept, whether it ever ran or not", async () => {
    const own = await worked();
    await leave("run", "skyburst-a-0", own);
    await leave("create", "skyburst-a-1", own);
    await leave("run", "skyburst-b-0", "0123456789abcdef", "0000000-other");
    expect(await swept()).toMatchObject([{ id: "0000000-gone", because: "unknown", workers: 2 }]);
    expect(await backend.list("0000000-gone")).toMatchObject([{ id: "skyburst-a-0", state: "exited" }]);
    expect(await backend.list("0000000-other")).toMatchObject([{ state: "running" }]);
    expect(await swept()).toEqual([]);
  });

  test("after a session is a volume, and nothing of ours is left behind a teardown", async () => {
    const own = await worked();
    expect(await volumes()).toEqual([expect.stringMatching(/^skyburst-worker-[0-9a-f]{16}$/)]);
    await leave("create", "skyburst-a-0", own);
    await engine.docker("create", "--label", "skyburst:managed=true", "--name", "filler", engine.image, "fill");
    const told = await teardown(store, backend, { dryRun: true });
    expect(told).toMatchObject({ workers: 1 });
    expect(told.removed.map(({ kind }) => kind).toSorted()).toContain("volume");
    expect(await containers()).toContain("filler");
    await teardown(store, backend);
    expect([await containers(), await volumes()]).toEqual([[], []]);
    expect(await lines("network", "ls", "--quiet", "--filter", "type=custom")).toEqual([]);
    expect(await teardown(store, backend)).toEqual({ workers: 0, removed: [] });
  });

  test("is not removed while workers run, but by force", async () => {
    session = await open({ backend, store, workers: 1 });
    expect(await session.map(grow, [1]).values()).toEqual([1]);
    await expect(teardown(store, backend)).rejects.toMatchObject({
      code: "option",
      message: expect.stringContaining(session.id),
    });
    const [other = "", ...more] = await containers();
    expect(more).toEqual([]);
    expect(await teardown(store, backend, { force: true })).toMatchObject({ workers: 1 });
    // Its client may have launched another one by now, or be the one that removes this.
    await expect.poll(containers, { timeout: 60_000 }).not.toContain(other);
  });
});
