import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import {
  allEnded,
  began,
  finish,
  isAlive,
  killAll,
  processes,
  stage,
  statusOf,
  submitted,
  until,
  values,
} from "./detached.ts";
import { parsed, skyburst, started } from "./skyburst.ts";

afterAll(killAll);

describe.concurrent("skyburst submit", () => {
  test("prints the id and leaves; whoever comes later has all outcomes, and nothing stays behind", async () => {
    const cwd = stage({ "in.txt": "a\nb\nc\n" });
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["submit", "task.ts#wait", "in.txt", "--name", "nightly"]);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const [id] = readdirSync(join(cwd, ".skyburst", "index"));
    expect(stdout).toBe(`${id}\n`);
    expect(await statusOf(cwd, "nightly")).toMatchObject({ tasks: 3, supervisor: { alive: true } });
    expect((await skyburst(cwd, ["status", "nightly"])).stdout).toContain("supervisor  alive\n");
    await began(cwd, "a");
    finish(cwd, "a", "b", "c");
    const attached = await skyburst(cwd, ["attach", "nightly", "--quiet"]);
    expect({ stderr: attached.stderr, exitCode: attached.exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(values(attached.stdout)).toEqual(["a", "b", "c"]);
    await allEnded(cwd);
    expect(await statusOf(cwd, "nightly")).toMatchObject({ state: "done", succeeded: 3, workers: 0 });
    // What is over needs no supervisor: to attach again starts none.
    expect((await skyburst(cwd, ["attach", "nightly"])).stdout).toBe(attached.stdout);
    expect(processes(cwd)).toEqual([]);
  });

  test("tells more as JSON", async () => {
    const cwd = stage({ "in.jsonl": "1\n2\n" });
    const { stdout } = await skyburst(cwd, ["submit", "task.ts#square", "in.jsonl", "--json", "--name", "n"]);
    expect(parsed(stdout)).toEqual([
      { session: expect.any(String), name: "n", submission: expect.any(String), tasks: 2, added: 2, open: false },
    ]);
    await allEnded(cwd);
  });

  test("has the workers boot without it: they and the supervisor outlive its terminal, and its death", async () => {
    const cwd = stage({ "in.txt": "a\n" });
    const client = started(cwd, ["submit", "task.ts#wait", "-"]);
    client.stdin.write('"a"\n"b"\n');
    await began(cwd, "a");
    const supervisor = processes(cwd).find(({ supervises }) => supervises);
    client.kill("SIGKILL");
    await client.ended;
    process.kill(Number(supervisor?.pid), "SIGHUP");
    const [id = ""] = readdirSync(join(cwd, ".skyburst", "index"));
    finish(cwd, "a", "b");
    await until(async () => Number((await statusOf(cwd, id)).succeeded) === 2, "both end");
    expect(processes(cwd)).toContainEqual(supervisor);
    // It never said that no more would come.
    expect(await statusOf(cwd, id)).toMatchObject({ state: "open", open: true });
    expect((await skyburst(cwd, ["end", id])).exitCode).toBe(0);
    await allEnded(cwd);
    expect(values((await skyburst(cwd, ["collect", id])).stdout)).toEqual(["a", "b"]);
  });

  test("of wrong inputs submits nothing and leaves nothing running", async () => {
    const cwd = stage({ "in.jsonl": "1\noops\n" });
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["submit", "task.ts#square", "in.jsonl"]);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: "",
      stderr: "skyburst: in.jsonl, line 2: this is not JSON: oops\n",
      exitCode: 2,
    });
    await allEnded(cwd);
    expect(parsed((await skyburst(cwd, ["ls", "--json"])).stdout)).toMatchObject([{ state: "cancelled", tasks: 0 }]);
  });

  test("cancels what was submitted of a job when it is interrupted", async () => {
    const cwd = stage();
    const client = started(cwd, ["submit", "task.ts#square", "-"]);
    client.stdin.write("3\n");
    const index = join(cwd, ".skyburst", "index");
    await until(() => existsSync(index) && readdirSync(index).length === 1, "a session");
    const [id = ""] = readdirSync(index);
    await until(async () => (await statusOf(cwd, id)).succeeded === 1, "a task ends");
    client.kill("SIGINT");
    expect(await client.ended).toBe(130);
    expect(client.errors()).toBe(
      `skyburst: interrupted: ${id} is cancelled. To read what is there: skyburst collect ${id}\n`,
    );
    expect(values((await skyburst(cwd, ["collect", id])).stdout)).toEqual([9]);
    await allEnded(cwd);
  });

  test("with a key, submits a job once however often it is called", async () => {
    const cwd = stage({ "in.jsonl": "1\n2\n3\n", "other.jsonl": "4\n" });
    const args = ["task.ts#square", "in.jsonl", "--id", "monday"];
    const first = await submitted(cwd, ...args);
    expect(await submitted(cwd, ...args)).toBe(first);
    await allEnded(cwd);
    const [again] = parsed((await skyburst(cwd, ["submit", ...args, "--json"])).stdout);
    expect(again).toMatchObject({ session: first, submission: "monday", tasks: 3, added: 0 });
    const other = await skyburst(cwd, ["submit", "task.ts#square", "other.jsonl", "--id", "monday"]);
    expect(other).toMatchObject({ stdout: "", exitCode: 2 });
    expect(other.stderr).toMatch(/^skyburst: .*monday.* other inputs.*\n$/);
    expect(values((await skyburst(cwd, ["collect", first])).stdout)).toEqual([1, 4, 9]);
    await allEnded(cwd);
  });

  test("hands its stack to the supervisor, which needs the configuration no more, and secrets by the environment only", async () => {
    const url = (name: string) => JSON.stringify(new URL(import.meta.resolve(name)).pathname);
    const cwd = stage({
      "in.txt": "a\n",
      "stack.ts": `import { directory } from ${url("@skyburst/state-fs")};\nexport default { store: directory("jobs"), workers: 1 };`,
    });
    const args = ["submit", "task.ts#wait", "in.txt", "--config", "stack.ts", "--slots", "1"];
    const { stdout, exitCode } = await skyburst(cwd, args, { env: { TOKEN: "s3cr3t" } });
    expect(exitCode).toBe(0);
    rmSync(join(cwd, "stack.ts"));
    await began(cwd, "a");
    const { stdout: shown } = await execa("ps", ["-eo", "args"]);
    expect(shown).toContain(`supervise ${stdout.trim()}`);
    expect(shown).not.toContain("s3cr3t");
    const worker = processes(cwd, "jobs").find(({ supervises }) => !supervises);
    process.kill(Number(worker?.pid), "SIGKILL");
    await until(
      () => processes(cwd, "jobs").some(({ pid, supervises }) => !supervises && pid !== worker?.pid),
      "another",
    );
    finish(cwd, "a");
    await allEnded(cwd, "jobs");
    expect(values((await skyburst(cwd, ["collect", stdout.trim(), "--store", "jobs"])).stdout)).toEqual(["a"]);
  });

  test("leaves no supervisor behind where the store is deleted", async () => {
    const cwd = stage({ "in.txt": "a\n" });
    const id = await submitted(cwd, "task.ts#wait", "in.txt");
    await began(cwd, "a");
    const all = processes(cwd);
    expect(all.filter(({ supervises }) => supervises)).toHaveLength(1);
    const store = join(cwd, ".skyburst");
    // Somebody may write to it meanwhile.
    rmSync(store, { recursive: true, force: true, maxRetries: 20 });
    await until(() => !all.some(({ pid, supervises }) => supervises && isAlive(pid)), `nobody supervises ${id}`);
    finish(cwd, "a");
    await until(() => !all.some(({ pid }) => isAlive(pid)), "workers end");
  });

  test("says why no supervisor could be started, and how to try again", async () => {
    const url = JSON.stringify(new URL(import.meta.resolve("@skyburst/backend-local")).pathname);
    const cwd = stage({
      "in.jsonl": "5\n",
      "bad.ts": `import { local } from ${url};\nexport default { backend: local({ node: "/none" }) };`,
    });
    const { stdout, stderr, exitCode } = await skyburst(cwd, [
      "submit",
      "task.ts#square",
      "in.jsonl",
      "--config",
      "bad.ts",
    ]);
    const id = stdout.trim();
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(
      new RegExp(
        `^skyburst: ${id} is stored, but no supervisor .*: No worker can be started on local: /none .* To try again: skyburst supervise ${id} --config bad.ts\\n$`,
      ),
    );
    expect((await skyburst(cwd, ["status", id])).stdout).toMatch(/state {7}stalled\n[^]*supervisor {2}none: No worker/);
    expect(values((await skyburst(cwd, ["attach", id, "--quiet"])).stdout)).toEqual([25]);
    await allEnded(cwd);
  });

  test.each([
    ["map", ["map", "task.ts#square", "in.jsonl", "--detach"], [4, 9]],
    ["each", ["each", "in.jsonl", "--detach", "--", "sh", "-c", "exit 0"], [{ code: 0 }, { code: 0 }]],
  ])("is what %s --detach does", async (_, args, expected) => {
    const cwd = stage({ "in.jsonl": "2\n3\n" });
    const { stdout, stderr, exitCode } = await skyburst(cwd, args);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(values((await skyburst(cwd, ["collect", stdout.trim(), "--wait"])).stdout)).toEqual(expected);
    await allEnded(cwd);
  });
});
