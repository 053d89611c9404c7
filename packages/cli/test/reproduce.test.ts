import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { place, skyburst } from "./skyburst.ts";

const module = `
import { kill, pid } from "node:process";

export const odd = (n, { index, log }) => {
  console.log("looks at " + n + ", the input " + index);
  log("a record");
  if (n === 7) throw new RangeError("seven is too many");
  return { n, index, at: new Date(0) };
};

export const deadly = (n) => {
  if (n === 33) kill(pid, "SIGKILL");
  return n;
};

export const large = (text) => text.length;
`;

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n}\n`).join("");

const session = async (cwd: string, name: string, args: readonly string[]) => {
  const { exitCode, stderr } = await skyburst(cwd, ["map", ...args, "--name", name, "--quiet", "--keep"]);
  return { exitCode, stderr };
};

/** All that there is of a place's sessions, by name and content. */
function objectsOf(cwd: string): Readonly<Record<string, string>> {
  const root = join(cwd, ".skyburst");
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      // The clock of a directory is a file that is touched.
      .filter((path) => path.includes(`${root}/s/`) || path.includes(`${root}/index/`))
      .map((path) => [path, readFileSync(path, "hex")]),
  );
}

test("a failed task fails here as it did there, with what it printed, and the session stays as it is", async () => {
  const cwd = place({ "task.ts": module, "in.jsonl": numbers(20) });
  expect((await session(cwd, "odd", ["task.ts#odd", "in.jsonl"])).exitCode).toBe(1);
  const before = objectsOf(cwd);
  const again = await skyburst(cwd, ["reproduce", "odd", "--task", "7"]);
  expect(again.stdout).toBe("looks at 7, the input 7\n");
  expect(again.stderr).toContain("a record");
  expect(again.stderr).toMatch(/skyburst: task 7 failed here after [\d.e-]+ s \(user\): RangeError: seven is too many/);
  expect(again.stderr).toContain("task.ts:7");
  expect(again.exitCode).toBe(1);
  expect(objectsOf(cwd)).toEqual(before);
});

test("a task that succeeds ends with 0; --json gives its outcome line, as the session names it", async () => {
  const cwd = place({ "task.ts": module, "in.jsonl": numbers(20), "more.txt": numbers(3) });
  await session(cwd, "odd", ["task.ts#odd", "in.jsonl"]);
  const { stdout, stderr, exitCode } = await skyburst(cwd, ["reproduce", "odd", "--task", "12", "--json"]);
  expect(exitCode).toBe(0);
  expect(stderr).toBe("a record\n");
  const [said, line] = stdout.split("\n");
  expect(said).toBe("looks at 12, the input 12");
  expect(JSON.parse(line ?? "")).toMatchObject({
    index: 12,
    task: 12,
    status: "succeeded",
    value: { n: 12, index: 12, at: "1970-01-01T00:00:00.000Z" },
    attempts: 1,
  });
  const shown = await skyburst(cwd, ["reproduce", "odd", "--task", "3"]);
  expect(shown.stderr).toMatch(/skyburst: task 3 succeeded here in [\d.e-]+ s: \{"n":3,"index":3,/);
});

test("a poison task among others is failed alone, and the command in its error ends by the same signal", async () => {
  const cwd = place({ "task.ts": module, "in.jsonl": numbers(60) });
  const { stdout, stderr, exitCode } = await skyburst(cwd, ["map", "task.ts#deadly", "in.jsonl", "--store", "jobs"]);
  expect(exitCode).toBe(1);
  const failed = stdout.split("\n").filter((line) => line.includes('"status":"failed"'));
  expect(failed).toHaveLength(1);
  const { task, error, blame } = JSON.parse(failed[0] ?? "{}") as {
    task: number;
    error: { message: string };
    blame: string;
  };
  expect([task, blame]).toEqual([33, "user"]);
  const [command = ""] = /skyburst reproduce \S+ --task 33$/.exec(error.message) ?? [];
  const typed = `${command} --store jobs`;
  expect(stderr).toContain(`1 of 60 tasks failed (33); to run task 33 alone, here: ${typed}\n`);
  const again = await skyburst(cwd, typed.split(" ").slice(1));
  expect(again.stderr).toContain("skyburst: the task ended its worker here as well: by SIGKILL.\n");
  expect(again.exitCode).toBe(137);
});

test("a command runs as it did, with what it was given on standard input", async () => {
  const cwd = place({ "in.txt": "a\nb\nc\n", "words.txt": "some words\n" });
  const script = "cat; echo {} here >&2; [ {} != b ]";
  await skyburst(cwd, ["each", "in.txt", "--name", "each", "--keep", "--quiet", "--", "sh", "-c", script]);
  const b = await skyburst(cwd, ["reproduce", "each", "--task", "1"]);
  expect(b.stderr).toContain("b here\n");
  expect(b.stderr).toMatch(/task 1 failed here after [\d.e-]+ s \(user\): CommandError: sh exited with code 1/);
  expect(b.exitCode).toBe(1);
  expect((await skyburst(cwd, ["reproduce", "each", "--task", "2"])).exitCode).toBe(0);
  await skyburst(cwd, ["run", "--stdin", "words.txt", "--name", "run", "--keep", "--quiet", "--", "cat"]);
  expect((await skyburst(cwd, ["reproduce", "run", "--task", "0"])).stdout).toBe("some words\n");
});

test("an input that lies in a blob is had from there", async () => {
  const cwd = place({ "task.ts": module, "in.jsonl": `"${"x".repeat(700_000)}"\n` });
  await session(cwd, "large", ["task.ts#large", "in.jsonl"]);
  const { stderr, exitCode } = await skyburst(cwd, ["reproduce", "large", "--task", "0"]);
  expect(stderr).toMatch(/succeeded here in [\d.e-]+ s: 700000\n/);
  expect(exitCode).toBe(0);
});

test("what is not there is said, and so is what is missing on the command line", async () => {
  const cwd = place({ "task.ts": module, "in.jsonl": numbers(2) });
  await session(cwd, "odd", ["task.ts#odd", "in.jsonl"]);
  const none = await skyburst(cwd, ["reproduce", "odd", "--task", "2"]);
  expect(none.stderr).toContain("There is no task 2 in session");
  expect(none.exitCode).toBe(2);
  const unnamed = await skyburst(cwd, ["reproduce", "odd"]);
  expect(unnamed.stderr).toContain("--task");
  expect(unnamed.exitCode).toBe(2);
});
