import { unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Stage } from "./stage.ts";

const missing = await unavailable("docker");

interface Verdict {
  readonly name: string;
  readonly state: string;
  readonly leaked?: number;
  readonly said?: string;
  readonly checks?: readonly { readonly name: string; readonly passed: boolean; readonly found: string }[];
}

/** Jobs of the suite, beside the one that takes half a minute. */
const [ofCommands, ofFunctions] = [
  ["hello", "failure", "mixed", "logs", "parallel", "gpu", "lost"],
  ["cpu", "memory", "data", "build", "ml"],
] as const;

describe.skipIf(missing)(`skyburst verify --backend docker${missing ? `: ${missing}` : ""}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage?.close());
  afterEach(() => stage.cleared());

  const args = (...jobs: readonly string[]) => {
    const chosen = jobs.flatMap((name) => ["--job", name]);
    return ["verify", "--backend", "docker", "--image", stage.engine.image, "--json", ...chosen];
  };

  /** What fell short, and of whom nothing was. */
  function summary(verdicts: readonly Verdict[]) {
    return verdicts.map(({ name, state, leaked, said, checks = [] }) => ({
      name,
      state,
      leaked,
      ...(said === undefined ? {} : { said }),
      short: checks.filter(({ passed }) => !passed),
    }));
  }

  test("every job shows what it has to on a real engine, and no container, network or session is left", async () => {
    const told = await Promise.all(
      [ofCommands, ofFunctions, ["long"]].map((names) =>
        stage.read<{ readonly jobs: readonly Verdict[] }>(args(...names)),
      ),
    );
    const verdicts = told.flat().flatMap(({ jobs }) => jobs);
    const names = [...ofCommands, ...ofFunctions, "long"];
    const passed = names.map((name) => ({ name, state: "passed", leaked: 0, short: [] }));
    expect(summary(verdicts)).toHaveLength(passed.length);
    expect(summary(verdicts)).toEqual(expect.arrayContaining(passed));
    const checked = new Set(verdicts.flatMap(({ checks = [] }) => checks.map(({ name }) => name)));
    // The limits are the container's own, which nothing but a container has.
    expect([...checked]).toEqual(expect.arrayContaining(["limit of processors", "limit of memory", "memory in use"]));
    expect((await stage.run(["ls", "--json"])).stdout).toBe("");
  });

  test("what is built in a container whose own files can't be changed runs there", async () => {
    const module = JSON.stringify(import.meta.resolve("@skyburst/backend-docker"));
    const options = JSON.stringify({ image: stage.engine.image, readOnlyRoot: true });
    stage.write(
      "skyburst.config.mjs",
      `const { docker } = await import([${module}].join(""));
      export default { backends: { sealed: docker(${options}) } };\n`,
    );
    const jobs = ["--job", "build", "--job", "hello"];
    const { code, stdout } = await stage.run(["verify", "--backend", "sealed", ...jobs]);
    expect(stdout).toContain("\n2 jobs passed");
    expect(code).toBe(0);
  });

  test("an image without a shell falls short, and what it lacks is said", async () => {
    const { bareImage } = stage.engine;
    const given = ["--image", bareImage, "--job", "hello", "--job", "ml"];
    const { code, stdout } = await stage.run(["verify", "--backend", "docker", ...given]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^hello +FAILED .*\nml +passed /m);
    expect(stdout).toMatch(/\n {2}it said\n {4}skyburst: sh: command not found\n/);
  });

  test("Ctrl-C, which reaches every process of a terminal, ends the job that runs and leaves nothing", async () => {
    const running = stage.start(["verify", "--backend", "docker", "--image", stage.engine.image, "--job", "long"]);
    while ((await stage.containers()).length === 0);
    process.kill(-running.pid, "SIGINT");
    expect(await running.ended).toMatchObject({ code: 130, stderr: "skyburst: interrupted\n" });
    expect((await stage.run(["ls"])).stdout).not.toContain("verify-long");
  });

  test("a task that the machine ends is told with who is to blame", async () => {
    const given = ["--image", stage.engine.image, "--memory", "24m", "--job", "data"];
    const { code, stdout } = await stage.run(["verify", "--backend", "docker", ...given]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^data +FAILED /m);
    expect(stdout).toMatch(/^ {2}task 0, attempt 1, blame oom: .*24 MiB/m);
  });

  test("an engine that is not there is told once, and by what can be done", async () => {
    const running = stage.start(["verify", "--backend", "docker"], "unix:///nowhere.sock");
    const { code, stdout } = await running.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^hello +FAILED /m);
    expect(stdout).toContain("No Docker Engine answers at unix:///nowhere.sock (DOCKER_HOST)");
    expect(stdout).toContain("\n0 jobs passed, 1 failed, 12 skipped.\n");
  });
});
