import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import {
  allEnded,
  began,
  finish,
  killAll,
  killAllOf,
  processes,
  stage,
  statusOf,
  submitted,
  until,
  values,
} from "./detached.ts";
import { bin, skyburst, started, written } from "./skyburst.ts";

afterAll(killAll);

describe.concurrent("skyburst attach", () => {
  test("leaves a session running when it is interrupted, and says how to come back", async () => {
    const cwd = stage({ "in.txt": "a\nb\n" });
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "1");
    const attached = started(cwd, ["attach", id]);
    finish(cwd, "a");
    await written(attached, '"value":"a"');
    attached.kill("SIGINT");
    expect(await attached.ended).toBe(130);
    expect(attached.errors()).toContain(`skyburst: ${id} goes on without you. To come back: skyburst attach ${id}\n`);
    finish(cwd, "b");
    expect(values((await skyburst(cwd, ["attach", id, "--quiet"])).stdout)).toEqual(["a", "b"]);
    await allEnded(cwd);
  });

  test("brings a session back whose supervisor and workers were all killed", async () => {
    const cwd = stage({ "in.txt": "a\nb\n" });
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "1");
    await began(cwd, "a");
    killAllOf(cwd);
    await allEnded(cwd);
    finish(cwd, "a", "b");
    // By then it is known to be dead, or not yet: one time it is found at once, the other later.
    expect(values((await skyburst(cwd, ["attach", id, "--quiet"])).stdout)).toEqual(["a", "b"]);
    await allEnded(cwd);
  });

  test("goes on to the end, whoever is killed meanwhile", async () => {
    const cwd = stage({ "in.txt": "a\nb\n" });
    finish(cwd, "a");
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "1");
    const attached = started(cwd, ["attach", id, "--quiet"]);
    await written(attached, '"value":"a"');
    await began(cwd, "b");
    const before = processes(cwd);
    killAllOf(cwd);
    const isNew = ({ pid }: { readonly pid: number }) => !before.some((known) => known.pid === pid);
    await until(() => processes(cwd).some((found) => found.supervises && isNew(found)), "another supervisor");
    finish(cwd, "b");
    expect(await attached.ended).toBe(0);
    expect(attached.errors()).toBe("");
    await allEnded(cwd);
  });

  test("starts no workers elsewhere than where the session has them", async () => {
    const url = JSON.stringify(new URL(import.meta.resolve("@skyburst/backend-local")).pathname);
    const config = `import { local } from ${url};\nexport default { backend: { ...local(), name: "elsewhere" } };`;
    const cwd = stage({ "in.txt": "a\n", "stack.ts": config });
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--config", "stack.ts");
    await began(cwd, "a");
    killAllOf(cwd);
    await allEnded(cwd);
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["attach", id, "--quiet"]);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: "",
      stderr: `skyburst: nobody keeps up the workers of ${id}, which run on elsewhere, and here they would on local: give the --config and the --backend that it was submitted with.\n`,
      exitCode: 125,
    });
    finish(cwd, "a");
    expect(values((await skyburst(cwd, ["attach", id, "--quiet", "--config", "stack.ts"])).stdout)).toEqual(["a"]);
    await allEnded(cwd);
  });

  test("ends with a session that is paused, and says how it goes on, which extend does", async () => {
    const cwd = stage({ "in.txt": "a\nb\n" });
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "1", "--deadline", "+2s");
    const paused = await skyburst(cwd, ["attach", id, "--quiet"]);
    expect(paused.exitCode).toBe(4);
    expect(paused.stderr).toMatch(
      new RegExp(`^skyburst: The session is paused: .* To go on: skyburst extend ${id} --deadline \\+6h\\n$`),
    );
    expect((await skyburst(cwd, ["collect", id, "--wait"])).exitCode).toBe(4);
    expect((await skyburst(cwd, ["ls"])).stdout).toContain("  paused  ");
    finish(cwd, "a", "b");
    const extended = await skyburst(cwd, ["extend", id, "--deadline", "+6h"]);
    expect(extended.stderr).toMatch(new RegExp(`^skyburst: ${id} goes on until \\S+Z\\n$`));
    expect(values((await skyburst(cwd, ["attach", id, "--quiet"])).stdout)).toEqual(["a", "b"]);
    await allEnded(cwd);
  });

  // `script` gives a command a terminal of its own, and takes it away when it is killed.
  test.runIf(process.platform === "linux")("shows progress on a terminal, and goes with it alone", async () => {
    const cwd = stage({ "in.txt": "a\nb\n" });
    finish(cwd, "a");
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "1");
    const terminal = execa("/usr/bin/script", ["-qec", `${process.execPath} ${bin} attach ${id} > out`, "/dev/null"], {
      cwd,
      reject: false,
      env: { HOME: cwd, TERM: "xterm", NO_COLOR: "1" },
    });
    let shown = "";
    terminal.stdout.on("data", (chunk: Buffer) => (shown += chunk.toString()));
    await until(() => /█+░+ {2}1\/2 50% .*1 worker/.test(shown), "progress");
    terminal.kill("SIGKILL");
    await terminal;
    finish(cwd, "b");
    await allEnded(cwd);
    expect(await statusOf(cwd, id)).toMatchObject({ state: "done", succeeded: 2 });
  });
});

describe.concurrent("skyburst collect", () => {
  test("stops at the first gap with a cursor from which another goes on, until all is told", async () => {
    const cwd = stage({ "in.txt": "a\nb\nc\n" });
    finish(cwd, "a");
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "1");
    await until(async () => Number((await statusOf(cwd, id)).succeeded) === 1, "the first ends");
    const first = await skyburst(cwd, ["collect", id]);
    expect(values(first.stdout)).toEqual(["a"]);
    expect(first.exitCode).toBe(4);
    const [, cursor = ""] =
      /^skyburst: task 1 of 3 has no outcome yet: .* To go on: skyburst collect \S+ --since (\S+)\n$/.exec(
        first.stderr,
      ) ?? [];
    expect(cursor).toBe("0.1");
    const waits = started(cwd, ["collect", id, "--since", cursor, "--wait"]);
    finish(cwd, "b");
    expect(values(await written(waits, '"value":"b"'))).toEqual(["b"]);
    waits.kill("SIGINT");
    expect(await waits.ended).toBe(130);
    expect(waits.errors()).toMatch(new RegExp(`To go on: skyburst collect ${id} --wait --since 0\\.2\\n`));
    finish(cwd, "c");
    const rest = await skyburst(cwd, ["collect", id, "--wait", "--since", "0.2"]);
    expect({ values: values(rest.stdout), stderr: rest.stderr, exitCode: rest.exitCode }).toEqual({
      values: ["c"],
      stderr: "",
      exitCode: 0,
    });
    await allEnded(cwd);
  });
});
