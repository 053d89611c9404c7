import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "@skyburst/core";
import { local } from "@skyburst/backend-local";
import { directory } from "@skyburst/state-fs";
import { describe, expect, test } from "vitest";
import { parsed, place, skyburst, started, written } from "./skyburst.ts";

const task = `
import { existsSync } from "node:fs";
export const wait = async (file: string): Promise<string> => {
  console.log("waiting for " + file);
  while (file !== "" && !existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
  console.error("got " + file);
  return file;
};`;

describe("what jobs leave behind", () => {
  test("ls, status, collect and logs find a session by its id, the beginning of it, and its name", async () => {
    const cwd = place({ "in.txt": "x\ny\n" });
    await skyburst(cwd, ["each", "in.txt", "--name", "nightly", "--", "sh", "-c", "echo out {}; echo err {} >&2"]);
    const [listed] = parsed((await skyburst(cwd, ["ls", "--json"])).stdout);
    expect(listed).toMatchObject({ name: "nightly", state: "done", tasks: 2, succeeded: 2, failed: 0, pending: 0 });
    const id = String(listed?.id);
    for (const called of [id, id.slice(0, -2), "nightly"]) {
      const [status] = parsed((await skyburst(cwd, ["status", called, "--json"])).stdout);
      expect(status).toMatchObject({
        id,
        state: "done",
        usage: { unheard: 0, cost: { requests: { amount: 0, currency: "USD" } } },
      });
      // The client's last word is in it: the workers wrote no index.
      const { usage } = status as { usage: { requests: { create: number; put: number } } };
      expect(usage.requests.put).toBeGreaterThan(0);
      expect(usage.requests.create).toBeGreaterThan(10);
    }
    expect((await skyburst(cwd, ["ls"])).stdout).toMatch(
      new RegExp(`^SESSION +NAME .*\\n${id} +nightly +\\d+s +done +2 +2 +0 +\\d+ +\\$0\\.00\\n$`),
    );
    expect((await skyburst(cwd, ["status", "nightly"])).stdout).toContain("succeeded   2\n");
    const collected = await skyburst(cwd, ["collect", "nightly"]);
    expect(collected.exitCode).toBe(0);
    expect(parsed(collected.stdout).map(({ value }) => value)).toEqual([{ code: 0 }, { code: 0 }]);
    const logs = await skyburst(cwd, ["logs", "nightly"]);
    expect([logs.stdout, logs.stderr]).toEqual(["out x\nout y\n", "err x\nerr y\n"]);
    expect((await skyburst(cwd, ["logs", "nightly", "--task", "1"])).stdout).toBe("out y\n");
    expect(parsed((await skyburst(cwd, ["logs", "nightly", "--task", "0", "--json"])).stdout)).toContainEqual({
      task: 0,
      index: 0,
      attempt: 1,
      channel: "stdout",
      text: "out x\n",
    });
  });

  test("of sessions with one name, the newest is meant", async () => {
    const cwd = place();
    for (const code of [3, 4]) await skyburst(cwd, ["run", "--name", "twice", "--", "sh", "-c", `exit ${code}`]);
    const sessions = parsed((await skyburst(cwd, ["ls", "--json"])).stdout);
    expect(parsed((await skyburst(cwd, ["status", "twice", "--json"])).stdout)[0]?.id).toBe(sessions[0]?.id);
    expect(parsed((await skyburst(cwd, ["collect", "twice"])).stdout)).toMatchObject([{ error: { code: 4 } }]);
    const both = await skyburst(cwd, ["status", String(sessions[0]?.id).slice(0, 3)]);
    expect(both.exitCode).toBe(2);
    expect(both.stderr).toMatch(/^skyburst: 2 sessions begin with "\w{3}": \S+, \S+\. Give more of the id\.\n$/);
  });

  test.each([
    ["collect", "none"],
    ["status", "none"],
    ["logs", "none"],
  ])("%s says that there is no such session", async (...args) => {
    const { stderr, exitCode } = await skyburst(place(), args);
    expect({ stderr, exitCode }).toEqual({
      stderr: 'skyburst: There is no session "none" in this store. `skyburst ls` shows those that are.\n',
      exitCode: 2,
    });
  });

  test("a client that was killed leaves a session whose outcomes and logs can be read, up to the first gap", async () => {
    const cwd = place({ "task.ts": task, "in.txt": "go\nstop\n" });
    writeFileSync(join(cwd, "go"), "");
    const client = started(cwd, ["map", "task.ts#wait", "in.txt", "--name", "left", "--slots", "1"]);
    await written(client, "\n");
    client.kill("SIGKILL");
    await client.ended;
    const gap = await skyburst(cwd, ["collect", "left"]);
    expect(parsed(gap.stdout).map(({ value }) => value)).toEqual(["go"]);
    expect(gap.exitCode).toBe(4);
    expect(gap.stderr).toMatch(
      /^skyburst: task 1 of 2 has no outcome yet: \S+ is not finished\. To go on: skyburst collect (\S+) --since 0\.1\n$/,
    );

    const following = started(cwd, ["logs", "left", "-f"]);
    expect(await written(following, "waiting for stop\n")).toBe("waiting for go\nwaiting for stop\n");
    writeFileSync(join(cwd, "stop"), "");
    expect(await following.ended).toBe(0);
    const all = await skyburst(cwd, ["collect", "left"]);
    expect(all.exitCode).toBe(0);
    expect(parsed(all.stdout).map(({ value }) => value)).toEqual(["go", "stop"]);
    const logs = await skyburst(cwd, ["logs", "left"]);
    expect([logs.stdout, logs.stderr]).toEqual(["waiting for go\nwaiting for stop\n", "got go\ngot stop\n"]);
  });

  test("sessions of the command are swept after a week, unless they are to be kept or somebody lives in them", async () => {
    const cwd = place();
    const store = join(cwd, ".skyburst");
    for (const args of [
      ["--name", "old"],
      ["--name", "kept", "--keep"],
      ["--name", "alive"],
    ])
      await skyburst(cwd, ["run", ...args, "--", "true"]);
    const api = await open({ backend: local(), store: directory(store), name: "api" });
    await api.close();
    const ids = new Map(
      parsed((await skyburst(cwd, ["ls", "--json"])).stdout).map(({ name, id }) => [name, String(id)]),
    );
    const idOf = (name: string) => ids.get(name) ?? "";
    expect(ids.size).toBe(4);
    for (const [name, id] of ids) {
      const index = join(store, "index", id);
      const entry = {
        v: 1,
        name,
        created: Date.now() - 8 * 86_400_000,
        ...(name === "kept" || name === "api" ? {} : { expires: Date.now() - 86_400_000 }),
      };
      writeFileSync(index, JSON.stringify(entry));
      for (const file of [index, ...files(join(store, "s", id))])
        utimesSync(file, new Date(entry.created), new Date(entry.created));
    }
    writeFileSync(join(store, "s", idOf("alive"), "worker-of-now"), "");
    await skyburst(cwd, ["run", "--name", "new", "--", "true"]);
    const left = parsed((await skyburst(cwd, ["ls", "--json"])).stdout).map(({ name }) => name);
    expect(new Set(left)).toEqual(new Set(["alive", "api", "kept", "new"]));
    expect(readdirSync(join(store, "s"))).not.toContain(idOf("old"));
  });
});

function files(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile());
}
