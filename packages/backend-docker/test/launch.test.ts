import { createHash, randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Backend, LaunchRequest, LaunchResult } from "@skyburst/core";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { docker } from "../src/index.ts";
import type { DockerOptions } from "../src/index.ts";

const missing = await unavailable("docker");
const architecture = process.arch === "x64" ? "amd64" : process.arch;

describe.skipIf(missing)(`launches${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  let place: string;
  let backend: Backend;

  beforeAll(async () => {
    engine = await dockerEngine();
    place = mkdtempSync(join(tmpdir(), "skyburst-launch-"));
  });
  afterAll(async () => {
    await engine?.stop();
    rmSync(place, { recursive: true, force: true });
  });
  afterEach(async () => {
    const left = (await engine.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
    if (left.length > 0) await engine.docker("rm", "--force", ...left);
  });

  const idle = "setInterval(() => {}, 1e6);\n";

  function launch(request: Partial<LaunchRequest>, options: DockerOptions = {}, source = idle): Promise<LaunchResult> {
    backend = docker({ socketPath: engine.socketPath, image: engine.image, ...options });
    const file = join(place, "program.mjs");
    writeFileSync(file, source);
    const program = { sha256: createHash("sha256").update(source).digest("hex"), url: pathToFileURL(file).href };
    const token = randomBytes(8).toString("hex");
    const all = { sessionId: "s", launch: 0, token, slots: [0], spec: {}, program, storeId: "0", args: [], ...request };
    return backend.launch(all);
  }

  const inspected = async ({ started }: LaunchResult) => {
    const [found] = JSON.parse(await engine.docker("inspect", started[0]?.id ?? "")) as [Inspected];
    return found;
  };

  test("gives a container what was asked for, and no right more", async () => {
    const directories = [join(place, "store")];
    const mounts = [{ source: "/tmp", target: "/data", readOnly: true }];
    writeFileSync(join(place, "store"), "");
    const result = await launch({ directories, spec: { cpu: 1.5, memory: 2 ** 28, mounts }, sessionId: "session-1" });
    const { HostConfig, Config, Mounts } = await inspected(result);
    expect(HostConfig).toMatchObject({
      NanoCpus: 1.5e9,
      Memory: 2 ** 28,
      MemorySwap: 2 ** 28,
      PidsLimit: 4096,
      Init: true,
      Privileged: false,
      SecurityOpt: ["no-new-privileges"],
      CapDrop: ["ALL"],
      CapAdd: [],
      AutoRemove: false,
    });
    const { uid, gid } = statSync(join(place, "store"));
    expect(Config).toMatchObject({
      User: `${uid}:${gid}`,
      Labels: { "skyburst:session": "session-1", "skyburst:managed": "true", "skyburst:worker": result.started[0]?.id },
    });
    expect(Object.fromEntries(Mounts.map(({ Destination, RW }) => [Destination, RW]))).toEqual({
      "/skyburst": false,
      "/data": false,
      [join(place, "store")]: true,
    });
  });

  test("of a read-only image leaves it a place for temporary files", async () => {
    const options = { readOnlyRoot: true, capabilities: ["NET_RAW"], image: engine.bareImage };
    const { HostConfig } = await inspected(await launch({}, options));
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapAdd: ["NET_RAW"] });
    const [worker] = await backend.list("s");
    expect(worker?.state).toBe("running");
    const id = worker?.id ?? "";
    const shell = ["exec", "--user", "1234:1234", id, "/busybox", "sh", "-c"];
    await expect(engine.docker(...shell, "echo > /file")).rejects.toThrow("Read-only file system");
    // What is built there is to be run there.
    const build = "/busybox cp /busybox /tmp/busybox && /tmp/busybox echo built";
    expect(await engine.docker(...shell, build)).toBe("built\n");
  });

  test("fills the volume of a program once", async () => {
    const volumes = async () => (await engine.docker("volume", "ls", "--quiet")).split("\n").filter(Boolean);
    await launch({ slots: [0, 1, 2] });
    const [volume, ...others] = await volumes();
    expect([volume, others]).toEqual([expect.stringMatching(/^skyburst-worker-[0-9a-f]{16}$/), []]);
    const before = await engine.docker("volume", "inspect", volume ?? "");
    await launch({});
    expect(await engine.docker("volume", "inspect", ...(await volumes()))).toBe(before);
  });

  test.each<[string, Partial<LaunchRequest>, DockerOptions, string, RegExp]>([
    [
      "more memory than there is",
      { spec: { memory: 2 ** 50 } },
      {},
      "option",
      /^memory: 1048576 GiB is more than .* has \([\d.]+ GiB\)/,
    ],
    ["more processors than there are", { spec: { cpu: 5000 } }, {}, "option", /^cpu: 5000 is more than .* has \(\d+\)/],
    [
      "an image that is not there",
      { spec: { image: "not/there" } },
      { pullPolicy: "never" },
      "image",
      /does not have the image not\/there.*docker pull/,
    ],
    [
      "an image that can't be pulled",
      { spec: { image: "127.0.0.1:9/not/there:1" } },
      {},
      "image",
      /^The image 127\.0\.0\.1:9\/not\/there:1 can't be pulled: /,
    ],
    [
      "another platform",
      { spec: { platform: "linux/s390x" } },
      { pullPolicy: "never" },
      "image",
      /is of linux\/\w+, and linux\/s390x is wanted/,
    ],
    [
      "a mount that is not there",
      { spec: { mounts: [{ source: "/not/there", target: "/a" }] } },
      {},
      "option",
      /\/not\/there/,
    ],
    ["a relative mount", { spec: { mounts: [{ source: "here", target: "/a" }] } }, {}, "option", /give absolute paths/],
    ["GPUs where there are none", { spec: { gpus: 1 } }, {}, "option", /no GPU to give/],
    ["a network that is not there", {}, { network: "nowhere" }, "option", /nowhere/],
  ])("refuses %s", async (_, request, options, kind, message) => {
    const { started, refused } = await launch(request, options);
    expect(started).toEqual([]);
    expect(refused).toEqual([{ slot: 0, kind, message: expect.stringMatching(message) }]);
    expect(await engine.docker("ps", "--all", "--quiet")).toBe("");
  });

  test("of more than fits starts what fits", async () => {
    const memory = Number(await engine.docker("info", "--format", "{{.MemTotal}}"));
    const spec = { memory: Math.floor(memory / 2) - 1 };
    const { started, refused } = await launch({ slots: [0, 1, 2], spec });
    expect(started.map(({ slot }) => slot)).toEqual([0, 1]);
    expect(refused).toMatchObject([{ slot: 2, kind: "capacity" }]);
    expect(await backend.capacity?.(spec)).toBe(0);
  });

  test("that is repeated starts nothing again, also when the worker has ended", async () => {
    const token = "the-same-token";
    const { started } = await launch({ token });
    const id = started[0]?.id ?? "";
    await engine.docker("kill", id);
    const before = await engine.docker("inspect", "--format", "{{.State.Status}} {{.State.StartedAt}}", id);
    expect(before).toMatch(/^exited /);
    expect((await launch({ token })).started).toEqual(started);
    expect(await engine.docker("inspect", "--format", "{{.State.Status}} {{.State.StartedAt}}", id)).toBe(before);
  });

  test("of a directory store on another machine's engine is refused before it is asked", async () => {
    const there = docker({ host: "tcp://192.0.2.1:2375", image: "a" });
    const program = { sha256: "", url: "file:///none" };
    const request = { sessionId: "s", launch: 0, token: "t", slots: [0], spec: {}, program, storeId: "0", args: [] };
    const { refused } = await there.launch({ ...request, directories: ["/store"] });
    expect(refused).toMatchObject([{ kind: "option", message: expect.stringContaining("use a store on S3") }]);
  });

  test("gives it the user, the network and the mounts of the options, and those of the request beside them", async () => {
    const [source, target] = ["/usr", "/mnt/of the options"];
    const network = (await engine.docker("network", "create", "--internal", "own")).trim();
    const mounts = [{ source, target, readOnly: true }];
    const spec = { mounts: [{ source: place, target: "/mnt/asked" }] };
    const directories = [place];
    const options: DockerOptions = { user: "1234:4321", network: "own", mounts, platform: `linux/${architecture}` };
    const { Config, Mounts, NetworkSettings } = await inspected(await launch({ spec, directories }, options));
    expect(Config).toMatchObject({ User: "1234:4321" });
    expect(NetworkSettings.Networks).toMatchObject({ own: { NetworkID: network } });
    expect(Mounts).toContainEqual(expect.objectContaining({ Source: source, Destination: target, RW: false }));
    expect(Mounts).toContainEqual(expect.objectContaining({ Source: place, Destination: "/mnt/asked", RW: true }));
    await engine.docker("rm", "--force", ...(await backend.list("s")).map(({ id }) => id));
    await engine.docker("network", "rm", "own");
  });

  test("counts what containers of others were promised", async () => {
    const memory = Number(await engine.docker("info", "--format", "{{.MemTotal}}"));
    const cpus = Number(await engine.docker("info", "--format", "{{.NCPU}}"));
    backend = docker({ socketPath: engine.socketPath, image: engine.image });
    const room = async () => [
      await backend.capacity?.({ memory: memory / 4 }),
      await backend.capacity?.({ cpu: cpus / 4 }),
    ];
    expect(await room()).toEqual([4, 4]);
    const sized = ["--memory", String(Math.floor(memory / 4)), "--cpus", String(cpus / 2)];
    await engine.docker("run", "--detach", "--init", ...sized, engine.image, "sleep", "1000");
    expect(await room()).toEqual([3, 2]);
    // The older way to say it.
    const quota = ["--cpu-period", "100000", "--cpu-quota", String(25_000 * cpus)];
    await engine.docker("run", "--detach", "--init", ...quota, engine.image, "sleep", "1000");
    expect(await room()).toEqual([3, 1]);
  });

  test("asks for nothing more of who is stopped, is being removed, or is gone", async () => {
    const { started } = await launch({ slots: [0, 1] });
    const [first = "", second = ""] = started.map(({ id }) => id);
    await Promise.all([
      backend.stop([first, second], { grace: 0 }),
      backend.stop([first, second], { grace: 0 }),
      engine.docker("rm", "--force", first),
      backend.stop([first], { grace: 0 }),
    ]);
    await backend.stop([first, second]);
    await engine.docker("rm", "--force", second);
    await backend.stop([first, second, "skyburst-never-0"]);
    expect(await backend.list("s")).toEqual([]);
  });

  test("of a changed program fills a volume of its own, and a teardown removes that of the old one", async () => {
    const volumes = async () => (await engine.docker("volume", "ls", "--quiet")).split("\n").filter(Boolean);
    const old = await inspected(await launch({}));
    const changed = await inspected(await launch({}, {}, "setInterval(() => {}, 1e5);\n"));
    const nameIn = ({ Mounts }: Inspected) => Mounts.find(({ Destination }) => Destination === "/skyburst")?.Name ?? "";
    expect(nameIn(changed)).not.toBe(nameIn(old));
    expect(await volumes()).toEqual([nameIn(old), nameIn(changed)].toSorted());
    await engine.docker("rm", "--force", old.Name);
    expect(await backend.teardown?.({})).toEqual([{ kind: "volume", name: nameIn(old) }]);
    expect(await volumes()).toEqual([nameIn(changed)]);
  });

  test("of a directory store behind a link, and of another owner, has it where the client has it", async () => {
    const store = join(place, "real/store");
    mkdirSync(store, { recursive: true });
    chmodSync(place, 0o755);
    chownSync(store, 1234, 4321);
    symlinkSync(join(place, "real"), join(place, "link"));
    const directory = join(place, "link/store");
    const source = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(join(directory, "here"))}, "");`;
    const { started } = await launch({ directories: [directory] }, {}, source);
    await engine.docker("wait", started[0]?.id ?? "");
    const { uid, gid } = statSync(join(store, "here"));
    expect([uid, gid]).toEqual([1234, 4321]);
  });
});

interface Inspected {
  readonly HostConfig: object;
  readonly Config: object;
  readonly Mounts: readonly { readonly Destination: string; readonly RW: boolean; readonly Name?: string }[];
  readonly Name: string;
  readonly NetworkSettings: { readonly Networks: object };
}
