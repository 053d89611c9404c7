import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unavailable } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../faults/session-under-test.ts";
import { gateBefore } from "./engine-gate.ts";
import { Stage } from "./stage.ts";

const missing = await unavailable("docker");

describe.skipIf(missing)(`workers that are lost in containers${missing ? `: ${missing}` : ""}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
    stage.hurry();
  });
  afterAll(() => stage?.close());
  afterEach(() => stage.cleared());

  const place = () => ["--backend", "docker", "--image", stage.engine.image];

  /** A command that tells how often it was begun, waits, and ends with 7: the first time only when it may, the second at once. */
  function twice(folder: string): readonly string[] {
    const script = `echo begun >> /m/begun; n=$(wc -l < /m/begun); echo "run $n"
      if test $n = 1; then until test -f /m/go; do sleep 0.05; done; fi
      echo "run $n ends" >> /m/ended; exit 7`;
    return ["-v", `${folder}:/m`, "--", "sh", "-c", script];
  }

  test("a container that is killed: its end is told by the engine, and the command runs again", async () => {
    const folder = stage.folder("killed");
    const running = stage.start(["run", ...place(), ...twice(folder)]);
    await running.printed(/run 1\n/);
    const [container = ""] = await stage.containers();
    await stage.engine.docker("kill", container);
    expect(await running.ended).toMatchObject({ code: 7, stdout: "run 1\nrun 2\n", stderr: "" });
    const session = await stage.newest();
    expect(await stage.events(session, "started")).toMatchObject([
      { launch: 0, workers: [{ slot: 0, id: container }] },
      { launch: 1, workers: [{ slot: 0 }] },
    ]);
    expect(await stage.events(session, "exited")).toMatchObject([
      { process: "0.0", id: container, reason: "error", code: 137 },
    ]);
    // By what the engine told, and not by its silence.
    const [begun, died, again, committed] = await stage.events(session, "leased", "gone", "committed");
    expect([begun, died, again, committed]).toMatchObject([
      { type: "leased", turn: 0, epoch: 1, because: "new" },
      { type: "gone", worker: "0.0.0", reason: "crash", code: 137, by: expect.stringMatching(/^client\./) },
      { type: "leased", turn: 0, epoch: 2, because: "crash", worker: "1.0.0" },
      { type: "committed", failed: 1, worker: "1.0.0" },
    ]);
    expect(await stage.read(["logs", "--json", session])).toEqual([
      { task: 0, index: 0, attempt: 1, channel: "stdout", text: "run 1\n" },
      { task: 0, index: 0, attempt: 1, epoch: 2, channel: "stdout", text: "run 2\n" },
    ]);
    expect(await stage.read(["status", "--json", session])).toMatchObject([{ state: "done", failed: 1, takeovers: 1 }]);
  });

  test("a container that is paused for longer than a lease lives: the command runs again, and its late end counts for nothing", async () => {
    const folder = stage.folder("paused");
    const inputs = stage.write("inputs.txt", "0\n1\n");
    // The second task keeps the other worker, and so the session, until the late end was there.
    const script = `if test "$0" = 1; then until test -f /m/over; do sleep 0.05; done; exit 0; fi
      echo begun >> /m/begun; n=$(wc -l < /m/begun); echo "run $n"; hostname > /m/host$n
      if test $n = 1; then trap '' TERM; until test -f /m/go; do sleep 0.05; done; fi
      echo "run $n ends" >> /m/ended; exit $n`;
    const both = [...place(), "--workers", "2", "--slots", "1", "-v", `${folder}:/m`];
    const running = stage.start(["each", ...both, "--json", inputs, "--", "sh", "-c", script, "{}"]);
    const line = (name: string) => readFileSync(join(folder, name), "utf8").trim();
    const told = (name: string) => () => {
      try {
        return line(name) !== "";
      } catch {
        return false;
      }
    };
    await eventually("The beginning of the task", told("host1"));
    const first = line("host1");
    await stage.engine.docker("pause", first);
    await eventually("The second run of the task", told("ended"));
    expect(line("ended")).toBe("run 2 ends");
    const session = await stage.newest();
    const committed = () => stage.events(session, "committed");
    await eventually("The outcome of the second run", async () => (await committed()).length > 0);
    writeFileSync(join(folder, "go"), "");
    // Who takes it for lost asks the engine to end it, which wakes it.
    await stage.engine.docker("unpause", first).catch(() => undefined);
    // On a machine that is slow, it may be ended before it has looked.
    const runs = async () => (await stage.engine.docker("ps", "--quiet")).includes(first.slice(0, 12));
    await eventually("The end of the first run", async () => line("ended").includes("run 1 ends") || !(await runs()));
    writeFileSync(join(folder, "over"), "");
    const { stdout, code } = await running.ended;
    expect(code).toBe(1);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((text) => JSON.parse(text) as object),
    ).toMatchObject([
      { index: 0, status: "failed", error: { code: 2 } },
      { index: 1, status: "succeeded" },
    ]);
    expect(await stage.events(session, "failed")).toMatchObject([{ task: 0, attempt: 1 }]);
    const leases = await stage.events(session, "leased");
    expect(leases).toContainEqual(expect.objectContaining({ first: 0, epoch: 2, because: "lost" }));
    expect(leases.filter((lease) => "epoch" in lease && lease.epoch === 3)).toEqual([]);
  });

  test("the only container that is paused for long: it is given up, and the command runs again", async () => {
    const folder = stage.folder("given-up");
    const running = stage.start(["run", ...place(), ...twice(folder)]);
    await running.printed(/run 1\n/);
    const [container = ""] = await stage.containers();
    await stage.engine.docker("pause", container);
    expect(await running.ended).toMatchObject({ code: 7, stdout: "run 1\nrun 2\n" });
    const session = await stage.newest();
    expect(await stage.events(session, "gone")).toContainEqual(
      expect.objectContaining({ worker: "0.0.0", reason: "lost", by: expect.stringMatching(/^client\./) }),
    );
    expect(await stage.events(session, "leased")).toMatchObject([{ epoch: 1 }, { epoch: 2, because: "lost" }]);
  });

  test("a client that is killed while its command runs: the command goes on, and whoever asks is told how it ended", async () => {
    const folder = stage.folder("client");
    const running = stage.start(["run", ...place(), ...twice(folder)]);
    await running.printed(/run 1\n/);
    running.process.kill("SIGKILL");
    await running.ended;
    writeFileSync(join(folder, "go"), "");
    const session = await stage.newest();
    await eventually("The end of the container", async () =>
      (await stage.engine.docker("ps", "--all", "--format", "{{.State}}")).startsWith("exited"),
    );
    expect(await stage.read(["collect", session])).toMatchObject([{ status: "failed", error: { code: 7 } }]);
    expect(await stage.run(["logs", session])).toMatchObject({ stdout: "run 1\n" });
    // Nobody came for how the container ended.
    expect(await stage.containers()).toHaveLength(1);
    expect(await stage.run(["teardown", "--backend", "docker"])).toMatchObject({ code: 0 });
    expect(await stage.engine.docker("volume", "ls", "--quiet")).toBe("");
  });

  test.each([
    ["stopped", "SIGTERM"],
    ["killed", "SIGKILL"],
  ] as const)("an engine that is %s and started again: the command runs again", async (how, signal) => {
    const folder = stage.folder(`engine-${how}`);
    const running = stage.start(["run", ...place(), ...twice(folder)]);
    await running.printed(/run 1\n/);
    await stage.engine.restart(signal);
    expect(await running.ended).toMatchObject({ code: 7, stdout: "run 1\nrun 2\n", stderr: "" });
    const leases = await stage.events(await stage.newest(), "leased");
    expect(leases.at(-1)).toMatchObject({ turn: 0, epoch: 2 });
  });

  describe("a client that is killed when its container is created and not started", () => {
    async function killed(folder: string): Promise<string> {
      const gate = await gateBefore(stage, /^POST \S*\/containers\/skyburst-\S+\/start/);
      const running = stage.start(["run", ...place(), ...twice(folder)], gate.host);
      await gate.reached;
      running.process.kill("SIGKILL");
      await running.ended;
      gate.close();
      expect(await stage.engine.docker("ps", "--all", "--format", "{{.State}}")).toBe("created\n");
      return stage.newest();
    }

    test("who goes on with its session has the very same one work", async () => {
      const folder = stage.folder("taken-over");
      const session = await killed(folder);
      const [container] = await stage.containers();
      writeFileSync(join(folder, "go"), "");
      expect(await stage.run(["supervise", "--backend", "docker", session])).toMatchObject({ code: 0 });
      expect(await stage.read(["collect", session])).toMatchObject([{ status: "failed", error: { code: 7 } }]);
      const started = await stage.events(session, "started");
      expect(started).toMatchObject([{ launch: 0, workers: [{ slot: 0, id: container }] }]);
      expect(readFileSync(join(folder, "begun"), "utf8")).toBe("begun\n");
    });

    test("who removes its session removes the container", async () => {
      const session = await killed(stage.folder("removed"));
      expect(await stage.run(["rm", "--backend", "docker", session])).toMatchObject({ code: 0 });
      expect(await stage.containers()).toEqual([]);
    });
  });

  test("all of their sessions have ended", async () => {
    expect(await stage.unended()).toEqual([]);
  });
});
