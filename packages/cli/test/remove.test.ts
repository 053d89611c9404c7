import { existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { allEnded, began, killAll, killAllOf, processesOf, stage, submitted } from "./detached.ts";
import { parsed, skyburst } from "./skyburst.ts";

afterAll(killAll);

/** Objects of a session, by their place in the store. */
function objects(cwd: string, id: string): string[] {
  const root = join(cwd, ".skyburst", "s", id);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(root, name)).isFile());
}

/** As if nothing had been written for so many days. */
function age(cwd: string, id: string, days: number): void {
  const store = join(cwd, ".skyburst");
  const then = new Date(Date.now() - days * 86_400_000);
  for (const name of objects(cwd, id)) utimesSync(join(store, "s", id, name), then, then);
  utimesSync(join(store, "index", id), then, then);
}

describe.concurrent("skyburst rm", () => {
  test("says what it removes, ends the workers, and leaves nothing but the ledger, which gc takes away", async () => {
    const cwd = stage({ "in.txt": "a\nb\n" });
    const id = await submitted(cwd, "task.ts#wait", "in.txt", "--name", "mine");
    await began(cwd, "a");
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["rm", "mine"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
    const lines = stderr.split("\n");
    expect(lines[0]).toMatch(
      new RegExp(`^skyburst: removing ${id}: \\d+ objects, [\\d.]+ k?B, with 1 worker on local$`),
    );
    expect(lines.at(-2)).toMatch(new RegExp(`^skyburst: removed ${id}: \\d+ objects, [\\d.]+ k?B$`));
    await allEnded(cwd);
    expect((await skyburst(cwd, ["ls"])).stderr).toMatch(/^skyburst: no sessions in /);
    expect((await skyburst(cwd, ["ls", "--all"])).stdout).toMatch(new RegExp(`\n${id} +mine +\\d+s +removed\n$`));
    expect((await skyburst(cwd, ["status", id])).stderr).toBe(`skyburst: Session ${id} was removed.\n`);
    const left = objects(cwd, id).filter((name) => !name.startsWith("manifest/") && !name.startsWith("worker/"));
    expect(left).toEqual([]);
    age(cwd, id, 2);
    expect((await skyburst(cwd, ["gc"])).exitCode).toBe(0);
    expect(objects(cwd, id)).toEqual([]);
    expect((await skyburst(cwd, ["ls", "--all"])).stdout).toBe("");
  });

  test("waits for nobody with --now", async () => {
    const cwd = stage({ "in.txt": "a\n" });
    const id = await submitted(cwd, "task.ts#wait", "in.txt");
    await began(cwd, "a");
    killAllOf(cwd);
    await allEnded(cwd);
    const { stdout } = await skyburst(cwd, ["rm", id, "--now", "--json"]);
    expect(parsed(stdout)).toMatchObject([{ session: id, stopped: 0, complete: true }]);
    expect(objects(cwd, id).every((name) => name.startsWith("manifest/"))).toBe(true);
  });
});

describe.concurrent("skyburst gc", () => {
  test("says what it would remove, and removes only what has ended and was not touched for so long", async () => {
    const cwd = stage({ "in.jsonl": "1\n2\n" });
    const old = await submitted(cwd, "task.ts#square", "in.jsonl", "--name", "old");
    const young = await submitted(cwd, "task.ts#square", "in.jsonl", "--name", "young");
    await allEnded(cwd);
    const open = await submitted(cwd, "task.ts#square", "in.jsonl", "--open");
    await skyburst(cwd, ["collect", open]);
    killAllOf(cwd);
    for (const id of [old, open]) age(cwd, id, 10);
    expect((await skyburst(cwd, ["gc"])).stderr).toBe("skyburst: removed nothing\n");
    const dry = await skyburst(cwd, ["gc", "--older-than", "9d", "--dry-run"]);
    expect(dry.stdout).toMatch(new RegExp(`^SESSION .*\n${old} +old +old +\\d+ +[\\d.]+ k?B +0\n$`));
    expect(dry.stderr).toMatch(/^skyburst: would remove 1 session: \d+ objects, [\d.]+ k?B\n$/);
    expect(objects(cwd, old)).not.toEqual([]);
    const done = await skyburst(cwd, ["gc", "--older-than", "9d", "--json"]);
    expect(parsed(done.stdout)).toMatchObject([{ id: old, name: "old", because: "old", workers: 0 }]);
    const left = parsed((await skyburst(cwd, ["ls", "--json"])).stdout).map(({ id }) => id);
    expect(new Set(left)).toEqual(new Set([young, open]));
  });

  test("stops workers whose session is not there any more, and those of no other store", async () => {
    const [cwd, other] = [stage({ "in.txt": "a\n" }), stage({ "in.txt": "a\n" })];
    const id = await submitted(cwd, "task.ts#wait", "in.txt");
    const theirs = await submitted(other, "task.ts#wait", "in.txt");
    await Promise.all([began(cwd, "a"), began(other, "a")]);
    // Frozen, it can't find out by itself.
    for (const { pid, supervises } of processesOf([id])) process.kill(pid, supervises ? "SIGKILL" : "SIGSTOP");
    rmSync(join(cwd, ".skyburst"), { recursive: true });
    expect(parsed((await skyburst(cwd, ["gc", "--dry-run", "--json"])).stdout)).toEqual([
      { id, because: "unknown", objects: 0, bytes: 0, workers: 1 },
    ]);
    expect((await skyburst(cwd, ["gc"])).stderr).toMatch(/\nskyburst: removed 1 worker that nobody cared for\n$/);
    expect(processesOf([id])).toEqual([]);
    expect(processesOf([theirs])).not.toEqual([]);
    killAllOf(other);
  });
});
