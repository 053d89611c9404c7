import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DockerEngine, dockerEngine, unavailable } from "@skyburst/engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ended, place, skyburst } from "./skyburst.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`--backend docker${missing ? `: ${missing}` : ""}`, () => {
  let engine: DockerEngine;
  beforeAll(async () => {
    engine = await dockerEngine();
  });
  afterAll(() => engine?.stop());

  const docker = (...args: readonly string[]) => ["--backend", "docker", "--image", engine.image, ...args];
  const run = (cwd: string, args: readonly string[], host = engine.host): Promise<Ended> =>
    skyburst(cwd, args, { env: { DOCKER_HOST: host } });
  const left = () => engine.docker("ps", "--all", "--quiet");

  test("runs a command in a container, with its output, its exit code and what it was given", async () => {
    const cwd = place();
    mkdirSync(join(cwd, "data"));
    writeFileSync(join(cwd, "data", "a"), "from here\n");
    const script = "cat /data/a; echo $FOO; pwd; touch /data/b; exit 3";
    const given = docker("-v", "./data:/data:ro", "-e", "FOO=bar", "--cpu", "0.5", "--memory", "256m");
    const { stdout, stderr, exitCode } = await run(cwd, ["run", ...given, "--", "sh", "-c", script]);
    expect({ stdout, exitCode }).toEqual({ stdout: "from here\nbar\n/\n", exitCode: 3 });
    expect(stderr).toBe("touch: /data/b: Read-only file system\n");
    expect(await left()).toBe("");
  });

  test("maps a function over inputs in an image that has no Node.js", async () => {
    const cwd = place({ "task.ts": "export const double = (n: number) => 2 * n;\n", "in.jsonl": "1\n2\n3\n" });
    const { stdout, exitCode } = await run(cwd, ["map", ...docker("--workers", "2"), "task.ts#double", "in.jsonl"]);
    const values = stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { value: number }).value);
    expect({ values, exitCode }).toEqual({ values: [2, 4, 6], exitCode: 0 });
    expect(await left()).toBe("");
  });

  test("leaves a volume, which teardown removes", async () => {
    const cwd = place();
    expect((await run(cwd, ["run", ...docker(), "--", "true"])).exitCode).toBe(0);
    const told = await run(cwd, ["teardown", "--backend", "docker", "--dry-run"]);
    expect(told).toMatchObject({
      stdout: expect.stringMatching(/^KIND +NAME +SESSION\nvolume +skyburst-worker-[0-9a-f]{16} *\n$/),
      stderr: "skyburst: would remove 1 volume on docker\n",
      exitCode: 0,
    });
    const done = await run(cwd, ["teardown", "--backend", "docker", "--json"]);
    expect(JSON.parse(done.stdout)).toMatchObject({ kind: "volume" });
    expect(done.stderr).toBe("skyburst: removed 1 volume on docker\n");
    expect(await engine.docker("volume", "ls", "--quiet")).toBe("");
    expect((await run(cwd, ["teardown", "--backend", "docker"])).stderr).toBe(
      "skyburst: nothing of ours is left on docker\n",
    );
  });

  test.each([
    [
      ["--image", "not/there:1"],
      125,
      /^skyburst: No worker can be started on docker: The image not\/there:1 can't be pulled: /,
    ],
    [["--memory", "100000g"], 125, /memory: 100000 GiB is more than the engine's machine has/],
    [["--memory", "64"], 2, /A bare number has no unit: 64k, or 64m\?/],
    [["-v", "data"], 2, /Give HERE:\/THERE, or HERE:\/THERE:ro/],
    [["--cpu", "many"], 2, /Give a number of processors such as 2 or 0\.5\./],
  ])("says in one line what is wrong with %j", async (args, code, line) => {
    const { stdout, stderr, exitCode } = await run(place(), ["run", ...docker(...args), "--", "true"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: code });
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
    expect(await left()).toBe("");
  });

  test("gives a command that ran out of memory a larger container, and says which option is missing for that", async () => {
    const fill = ["--memory-on-oom", "4x", "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"];
    const { stderr, exitCode } = await run(place(), ["run", ...docker("--memory", "64m"), ...fill]);
    expect({ stderr, exitCode }).toEqual({ stderr: "1+0 records in\n1+0 records out\n", exitCode: 0 });
    const unlimited = await run(place(), ["run", ...docker(), ...fill]);
    expect(unlimited.exitCode).toBe(2);
    expect(unlimited.stderr).toMatch(/memoryOnOom is 4, and nothing says what a worker has/);
    const local = await run(place(), ["run", ...fill]);
    expect(local.exitCode).toBe(2);
    expect(local.stderr).toMatch(/workers of the local backend can't be given memory/);
    expect(await left()).toBe("");
  });

  test("where no engine is, says how to start one", async () => {
    const args = ["run", "--backend", "docker", "--", "true"];
    const { stderr, exitCode } = await run(place(), args, "unix:///nowhere.sock");
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(
      /^skyburst: No worker can be started on docker: No Docker Engine answers at unix:\/\/\/nowhere\.sock \(DOCKER_HOST\).*\n$/,
    );
  });
});
