import { afterAll, describe, expect, test } from "vitest";
import { allEnded, began, finish, killAll, killAllOf, stage, submitted, values } from "./detached.ts";
import { parsed, skyburst } from "./skyburst.ts";

afterAll(killAll);

const statuses = (stdout: string) => parsed(stdout).map(({ status }) => status);

describe.concurrent("skyburst add", () => {
  test("brings more inputs to an open session, from several at a time, each once", async () => {
    const cwd = stage({ "in.jsonl": "1\n", "a.jsonl": "2\n3\n", "b.jsonl": "4\n", "c.jsonl": "5\n6\n" });
    const id = await submitted(cwd, "task.ts#square", "in.jsonl", "--open", "--name", "stream");
    const adding = ["a", "b", "c"].map((name) => skyburst(cwd, ["add", "stream", `${name}.jsonl`, "--id", name]));
    for (const { stderr, exitCode } of await Promise.all(adding)) {
      expect(stderr).toMatch(new RegExp(`^skyburst: added [12] inputs? to ${id}\\n$`));
      expect(exitCode).toBe(0);
    }
    const again = await skyburst(cwd, ["add", "stream", "a.jsonl", "--id", "a", "--json"]);
    expect(parsed(again.stdout)).toEqual([{ session: id, submission: "a", tasks: 2, added: 0 }]);
    const some = await skyburst(cwd, ["collect", id]);
    expect(some.exitCode).toBe(4);
    const piped = await skyburst(cwd, ["add", "stream", "-", "--input-format", "jsonl"], { input: "7\n" });
    expect(piped.stderr).toBe(`skyburst: added 1 input to ${id}\n`);
    expect((await skyburst(cwd, ["end", "stream"])).stderr).toMatch(/has ended; what was added runs to its end\n$/);
    expect((await skyburst(cwd, ["end", "stream"])).stderr).toMatch(/had ended already\n$/);
    const { stdout, exitCode } = await skyburst(cwd, ["collect", "stream", "--wait"]);
    expect(exitCode).toBe(0);
    expect(new Set(values(stdout))).toEqual(new Set([1, 4, 9, 16, 25, 36, 49]));
    expect(parsed(stdout).map(({ task }) => task)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const late = await skyburst(cwd, ["add", "stream", "a.jsonl"]);
    expect(late.exitCode).toBe(2);
    expect(late.stderr).toMatch(new RegExp(`^skyburst: Session ${id} has ended: nothing can be added to it\\..*\\n$`));
    await allEnded(cwd);
  });

  test("is needed no more when an open session was left alone for its idle timeout", async () => {
    const cwd = stage({ "in.jsonl": "1\n" });
    const id = await submitted(cwd, "task.ts#square", "in.jsonl", "--open", "--idle-timeout", "1s");
    expect(values((await skyburst(cwd, ["collect", id, "--wait"])).stdout)).toEqual([1]);
    await allEnded(cwd);
  });
});

describe.concurrent("skyburst cancel", () => {
  test("stops what runs, keeps what has its outcome, and works with nobody there", async () => {
    const cwd = stage({ "in.txt": "a\nb\nc\n" });
    finish(cwd, "a");
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "1");
    await began(cwd, "b");
    const one = await skyburst(cwd, ["cancel", id, "--task", "2", "--json"]);
    expect(parsed(one.stdout)).toMatchObject([{ session: id, tasks: 1 }]);
    killAllOf(cwd);
    await allEnded(cwd);
    const rest = await skyburst(cwd, ["cancel", id]);
    expect(rest.exitCode).toBe(0);
    expect(rest.stderr).toMatch(new RegExp(`^skyburst: cancelled \\d tasks? of ${id}`));
    const { stdout, exitCode } = await skyburst(cwd, ["collect", id, "--wait"]);
    expect(statuses(stdout)).toEqual(["succeeded", "cancelled", "cancelled"]);
    expect(exitCode).toBe(1);
    await allEnded(cwd);
    expect((await skyburst(cwd, ["retry", id])).stderr).toBe(
      `skyburst: Session ${id} was cancelled: nothing of it runs again.\n`,
    );
  });

  test("ends a task that runs while its neighbours go on", async () => {
    const cwd = stage({ "in.txt": "a\nb\n" });
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--slots", "2");
    await began(cwd, "a");
    await began(cwd, "b");
    expect((await skyburst(cwd, ["cancel", id, "--task", "0"])).exitCode).toBe(0);
    finish(cwd, "b");
    expect(statuses((await skyburst(cwd, ["collect", id, "--wait"])).stdout)).toEqual(["cancelled", "succeeded"]);
    await allEnded(cwd);
  });
});

describe.concurrent("skyburst retry", () => {
  test("runs failed tasks again in their session, all or some, and collect tells the new outcomes", async () => {
    const cwd = stage({ "in.txt": "a\nb\nc\n" });
    finish(cwd, "c");
    const id = await submitted(cwd, "task.ts#need", "in.txt");
    const failed = await skyburst(cwd, ["collect", id, "--wait", "--failed"]);
    expect(parsed(failed.stdout).map(({ task, status }) => [task, status])).toEqual([
      [0, "failed"],
      [1, "failed"],
    ]);
    expect(failed.exitCode).toBe(1);
    // That all is done already keeps nobody from trying again.
    expect((await skyburst(cwd, ["cancel", id])).stderr).toBe(
      `skyburst: nothing of it was left to be cancelled in ${id}\n`,
    );
    finish(cwd, "a", "b");
    const some = await skyburst(cwd, ["retry", id, "--task", "1"]);
    expect(some.stderr).toBe(`skyburst: 1 task of ${id} runs again\n`);
    const between = await skyburst(cwd, ["collect", id, "--wait"]);
    expect(statuses(between.stdout)).toEqual(["failed", "succeeded", "succeeded"]);
    expect((await skyburst(cwd, ["retry", id])).stderr).toBe(`skyburst: 1 task of ${id} runs again\n`);
    expect(values((await skyburst(cwd, ["collect", id, "--wait"])).stdout)).toEqual(["a", "b", "c"]);
    expect((await skyburst(cwd, ["retry", id])).stderr).toBe(`skyburst: nothing has failed in ${id}\n`);
    // Who collected everything before is told what is new.
    const since = await skyburst(cwd, ["collect", id, "--since", "0.3"]);
    expect(values(since.stdout)).toEqual(["a", "b"]);
    await allEnded(cwd);
  });
});

describe.concurrent("skyburst extend", () => {
  test("moves limits, and refuses what would not", async () => {
    const cwd = stage({ "in.jsonl": "1\n" });
    const id = await submitted(cwd, "task.ts#square", "in.jsonl", "--deadline", "2100-01-01T00:00Z", "--budget", "5");
    const said = async (...args: readonly string[]) => (await skyburst(cwd, ["extend", id, ...args])).stderr;
    expect(await said("--deadline", "+1d")).toBe(
      `skyburst: ${id} may go on until 2100-01-02T00:00:00.000Z, for at most $5.00\n`,
    );
    expect(await said("--budget", "+2.50")).toMatch(/for at most \$7\.50\n$/);
    expect(await said("--budget", "6", "--deadline", "2099-01-01T00:00Z")).toMatch(/2099-01-01T.*at most \$6\.00\n$/);
    expect(await said("--deadline", "2020-01-01T00:00Z")).toMatch(/^skyburst: deadline is 2020-.* has passed.*\n$/);
    const unlimited = await submitted(cwd, "task.ts#square", "in.jsonl");
    const none = await skyburst(cwd, ["extend", unlimited, "--deadline", "+6h"]);
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toMatch(/has no deadline that could be moved/);
    const free = await skyburst(cwd, ["extend", unlimited, "--budget", "+5"]);
    expect(free).toMatchObject({
      exitCode: 2,
      stderr: `skyburst: Session ${unlimited} has no budget to be raised. Give the amount itself to set one, as USD 5.\n`,
    });
    expect(await said("--warn-at", "3", "--max-rate", "20/h")).toMatch(
      /for at most \$6\.00, at \$20\.00\/h at most, and tells when it has cost \$3\.00\n$/,
    );
    expect(await said("--warn-at", "+1")).toMatch(/tells when it has cost \$4\.00\n$/);
    const silent = await skyburst(cwd, ["extend", unlimited, "--warn-at", "+5"]);
    expect(silent).toMatchObject({
      exitCode: 2,
      stderr: `skyburst: --warn-at +5: ${unlimited} has no amount to warn at. Give --warn-at 5 to set one.\n`,
    });
    await allEnded(cwd);
  });
});

describe.concurrent("what a session does not have", () => {
  test("is told in one line: tasks, cursors, failures, more than one beginning", async () => {
    const cwd = stage({ "in.jsonl": "1\n2\n" });
    const id = await submitted(cwd, "task.ts#square", "in.jsonl");
    const other = await submitted(cwd, "task.ts#square", "in.jsonl");
    await allEnded(cwd);
    const said = async (...args: readonly string[]) => {
      const { stdout, stderr, exitCode } = await skyburst(cwd, args);
      expect({ stdout, exitCode, lines: stderr.split("\n").length }).toEqual({ stdout: "", exitCode: 2, lines: 2 });
      return stderr;
    };
    const none = `skyburst: There is no task 2 in session ${id}: it has 2 so far, counted from 0.\n`;
    for (const command of ["cancel", "retry", "logs"]) expect(await said(command, id, "--task", "2")).toBe(none);
    expect(await said("retry", id, "--task", "1")).toBe(
      `skyburst: Task 1 of session ${id} succeeded: only what failed runs again.\n`,
    );
    expect(await said("collect", id, "--since", "0.3")).toMatch(/cursor 0\.3 is behind the last of the 2 tasks/);
    expect(await said("attach", id.slice(0, 3))).toBe(
      `skyburst: 2 sessions begin with "${id.slice(0, 3)}": ${id}, ${other}. Give more of the id.\n`,
    );
  });
});

describe.concurrent("a session that is not there", () => {
  test.each([
    ["attach"],
    ["collect", "--wait"],
    ["add", "in.jsonl"],
    ["end"],
    ["cancel"],
    ["retry"],
    ["extend", "--deadline", "+6h"],
    ["rm"],
    ["supervise"],
  ])("%s says so", async (command, ...rest) => {
    const { stdout, stderr, exitCode } = await skyburst(stage({ "in.jsonl": "1\n" }), [command, "none", ...rest]);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: "",
      stderr: 'skyburst: There is no session "none" in this store. `skyburst ls` shows those that are.\n',
      exitCode: 2,
    });
  });
});
