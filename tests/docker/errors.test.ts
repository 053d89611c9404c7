import { unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Stage } from "./stage.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`commands that fail in containers${missing ? `: ${missing}` : ""}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage?.close());
  afterEach(() => stage.cleared());

  const run = (args: readonly string[], image = stage.engine.image) =>
    stage.run(["run", "--backend", "docker", "--image", image, ...args]);

  /** What is told of the newest session when it is asked for afterwards. */
  async function told() {
    const session = await stage.newest();
    const [outcome] = await stage.read<{ readonly error: object }>(["collect", session]);
    const { stdout, stderr } = await stage.run(["logs", session]);
    return { session, outcome, stdout, stderr };
  }

  test("an exit code is the command's own, and told with the outcome", async () => {
    const { code, stdout, stderr } = await run(["--", "sh", "-c", "echo out; echo err >&2; exit 42"]);
    expect({ code, stdout, stderr }).toEqual({ code: 42, stdout: "out\n", stderr: "err\n" });
    const { session, ...found } = await told();
    expect(await stage.read(["status", "--json", session])).toMatchObject([{ state: "done", tasks: 1, failed: 1 }]);
    expect(found).toMatchObject({
      outcome: { status: "failed", blame: "user", attempts: 1, error: { message: "sh exited with code 42", code: 42 } },
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test.each([
    ["that the shell does not find", ["sh", "-c", "echo on; nothere"], "on\n", /^sh: .*nothere: not found\n$/],
    ["that the image does not have", ["nothere"], "", /^skyburst: nothere: command not found\n$/],
    ["at a path that the image does not have", ["/bin/nothere"], "", /^skyburst: \/bin\/nothere: no such file\n$/],
  ])("a command %s ends with 127, and the logs say why", async (_, command, out, err) => {
    expect(await run(["--", ...command])).toMatchObject({
      code: 127,
      stdout: out,
      stderr: expect.stringMatching(err),
    });
    expect(await told()).toMatchObject({
      outcome: { status: "failed", blame: "user", error: { code: 127 } },
      stdout: out,
      stderr: expect.stringMatching(err),
    });
  });

  test("an image without a shell runs its own program, and says what it does not have", async () => {
    const { bareImage } = stage.engine;
    expect(await run(["--", "/busybox", "echo", "on"], bareImage)).toMatchObject({ code: 0, stdout: "on\n" });
    expect(await run(["--", "sh", "-c", "echo on"], bareImage)).toMatchObject({
      code: 127,
      stdout: "",
      stderr: "skyburst: sh: command not found\n",
    });
  });

  test("a time limit is told as timeout(1) does", async () => {
    expect(await run(["--timeout", "1s", "--", "sh", "-c", "echo on; sleep 1000"])).toMatchObject({
      code: 124,
      stdout: "on\n",
    });
    expect(await told()).toMatchObject({
      outcome: { status: "failed", blame: "timeout", attempts: 1, error: { message: "sh ran longer than its limit" } },
    });
  });

  test("a command that needs more memory than there is ends as any that is killed, and it is said what it lacked", async () => {
    const fill = ["dd", "if=/dev/zero", "of=/dev/null", "bs=256M", "count=1"];
    expect(await run(["--memory", "64m", "--", ...fill])).toMatchObject({
      code: 137,
      stdout: "",
      stderr: expect.stringMatching(/^skyburst: dd was ended by SIGKILL: it needed more than the 64 MiB of memory/),
    });
  });

  test("nothing survives a time limit", async () => {
    const scripts = [
      "sleep 1000 & sleep 1000; wait",
      "trap '' TERM; sleep 1000 & sleep 1000; sleep 1000",
      // It left parent, group and session; and dropped its environment as well.
      "(setsid sleep 1000 &); sleep 1000",
      "(setsid env -i sleep 1000 &); sleep 1000",
    ];
    const command = ["sh", "-c", "{}"];
    expect(await leftBy(scripts, command, stage.engine.image)).toEqual([]);
  });

  test("nothing survives it where there is no shell", async () => {
    const scripts = ["(/busybox setsid /busybox sleep 1000 &); /busybox sleep 1000"];
    expect(await leftBy(scripts, ["/busybox", "sh", "-c", "{}"], stage.engine.bareImage)).toEqual([]);
  });

  /** Processes called sleep that are there when the time of all these scripts was up, seen by the same worker. */
  async function leftBy(scripts: readonly string[], command: readonly string[], image: string) {
    const look = command[0] === "sh" ? "ps" : "/busybox ps";
    const inputs = stage.write("scripts.txt", [...scripts, look, ""].join("\n"));
    const place = ["--backend", "docker", "--image", image, "--slots", "1", "--timeout", "1s", "--json"];
    const { stdout } = await stage.run(["each", ...place, inputs, "--", ...command]);
    const outcomes = stdout.trimEnd().split("\n");
    expect(outcomes.map((line) => JSON.parse(line) as object)).toMatchObject([
      ...scripts.map(() => ({ status: "failed", blame: "timeout" })),
      { status: "succeeded" },
    ]);
    const logs = await stage.run(["logs", await stage.newest(), "--task", String(scripts.length)]);
    expect(logs.stdout).toContain("program.mjs");
    return logs.stdout.split("\n").filter((line) => /^ *\d+ +\S+ +(\/busybox )?sleep /.test(line));
  }

  test("a variable that only the worker is to know does not reach the command", async () => {
    const { stdout } = await run(["--", "sh", "-c", "env"]);
    expect(stdout).toContain("SKYBURST_WORKER=");
    expect(stdout).not.toContain("SKYBURST_ALONE");
  });

  test("all of their sessions have ended", async () => {
    expect(await stage.unended()).toEqual([]);
  });
});
