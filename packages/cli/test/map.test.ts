import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsed, place, skyburst, started, written } from "./skyburst.ts";

const task = `
export const square = (x: number): number => x * x;
export const same = (x: unknown): unknown => x;
export const picky = (x: number): number => { if (x % 3 === 0) throw new Error("no " + x); return x; };
export const big = (n: number): string => "x".repeat(n);
export const size = (x: { text: string }): number => x.text.length;
export const stuck = (x: number): Promise<number> | number => (x < 2 ? x : new Promise((resolve) => setTimeout(resolve, 1e6)));
`;

function values(stdout: string): unknown[] {
  return parsed(stdout).map(({ value }) => value);
}

async function mapped(name: string, content: string | Uint8Array, args: readonly string[] = []): Promise<unknown[]> {
  const { stdout, stderr, exitCode } = await skyburst(place({ "task.ts": task, [name]: content }), [
    "map",
    "task.ts#same",
    name,
    ...args,
  ]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return values(stdout);
}

describe("skyburst map", () => {
  test("writes one line per input in input order", async () => {
    const inputs = Array.from({ length: 2500 }, (_, n) => n);
    const { stdout, exitCode } = await skyburst(place({ "task.ts": task, "in.jsonl": inputs.join("\n") }), [
      "map",
      "task.ts#square",
      "in.jsonl",
      "--workers",
      "2",
    ]);
    expect(exitCode).toBe(0);
    const lines = parsed(stdout);
    expect(lines.map(({ index }) => index)).toEqual(inputs);
    expect(lines.map(({ value }) => value)).toEqual(inputs.map((n) => n * n));
    expect(lines[7]).toMatchObject({ index: 7, task: 7, status: "succeeded", attempts: 1 });
  });

  test("runs the function that it was given, and not a word that looks like one", async () => {
    const cwd = place({ "task.ts": task, "other.ts": "export const wrong = () => 0;", "in.jsonl": "2" });
    const words = [
      ["--name", "other.ts#wrong"],
      ["--name", "other.ts#none"],
      ["--name", "task.ts#same"],
    ];
    const ended = await Promise.all(words.map((more) => skyburst(cwd, ["map", ...more, "task.ts#square", "in.jsonl"])));
    expect(ended.map(({ stdout }) => values(stdout))).toEqual([[4], [4], [4]]);
  });

  test("takes JSON lines as they are: a byte order mark, CR LF, blank lines, no last newline", async () => {
    expect(await mapped("in.jsonl", '\uFEFF{"a":"é\u2028"}\r\n\r\n  \n[1, 2]\r\n"z"')).toEqual([
      { a: "é\u2028" },
      [1, 2],
      "z",
    ]);
  });

  test("takes arrays, text and tables", async () => {
    expect(await mapped("in.json", '[1, {"a": [2]}, null]')).toEqual([1, { a: [2] }, null]);
    expect(await mapped("in.txt", "one\r\n\ntwo")).toEqual(["one", "", "two"]);
    const table = 'a,b\n1,"x, ""y""\nz"\n,true\n';
    expect(await mapped("in.csv", table)).toEqual([
      { a: "1", b: 'x, "y"\nz' },
      { a: "", b: "true" },
    ]);
    expect(await mapped("in.csv", table, ["--types"])).toEqual([
      { a: 1, b: 'x, "y"\nz' },
      { a: null, b: true },
    ]);
    expect(await mapped("in.data", "[1]", ["--input-format", "json"])).toEqual([1]);
  });

  test("sends large inputs and brings large results back", async () => {
    const cwd = place({
      "task.ts": task,
      "in.jsonl": `1\n${JSON.stringify({ text: "é".repeat(400_000) })}\n2\n`,
      "n.jsonl": "3\n700000\n",
    });
    const { stdout: there } = await skyburst(cwd, ["map", "task.ts#same", "in.jsonl"]);
    expect(values(there)).toEqual([1, { text: "é".repeat(400_000) }, 2]);
    const { stdout: back } = await skyburst(cwd, ["map", "task.ts#big", "n.jsonl"]);
    expect(values(back)).toEqual(["xxx", "x".repeat(700_000)]);
  });

  test("ends at once without inputs", async () => {
    expect(await mapped("in.jsonl", "")).toEqual([]);
    expect(await mapped("in.jsonl", "\n\n")).toEqual([]);
  });

  test("tells failures in their lines, in a summary and by the exit code", async () => {
    const cwd = place({ "task.ts": task, "in.jsonl": "1\n2\n3\n4\n" });
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["map", "task.ts#picky", "in.jsonl"]);
    expect(parsed(stdout)[2]).toMatchObject({
      index: 2,
      status: "failed",
      blame: "user",
      error: { name: "Error", message: "no 3" },
    });
    expect({ stderr, exitCode }).toEqual({ stderr: "skyburst: 1 of 4 tasks failed (2)\n", exitCode: 1 });
    expect((await skyburst(cwd, ["map", "task.ts#picky", "in.jsonl", "--quiet"])).stderr).toBe("");
  });

  test("names the line that is wrong, and submits nothing", async () => {
    const cwd = place({
      "task.ts": task,
      "in.jsonl": '1\n\n{"a":}\n4\n',
      "bytes.jsonl": Buffer.from([49, 10, 34, 0xff, 34, 10]),
      "in.csv": "a,b\n1,2\n3\n",
      "in.json": "{}",
    });
    const wrong = async (name: string) => {
      const { stdout, stderr, exitCode } = await skyburst(cwd, ["map", "task.ts#same", name]);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      return stderr;
    };
    expect(await wrong("in.jsonl")).toBe('skyburst: in.jsonl, line 3: this is not JSON: {"a":}\n');
    expect(await wrong("bytes.jsonl")).toBe("skyburst: bytes.jsonl, line 2: this is not UTF-8.\n");
    expect(await wrong("in.csv")).toMatch(/^skyburst: in.csv: .*line 3.*\n$/);
    expect(await wrong("in.json")).toBe(
      "skyburst: in.json holds a JSON object. It has to be an array, of which each element is an input.\n",
    );
    const sessions = parsed((await skyburst(cwd, ["ls", "--json"])).stdout);
    expect(sessions.map(({ tasks }) => tasks)).toEqual([0, 0, 0, 0]);
  });

  test("runs what comes through a pipe while more is coming", async () => {
    const running = started(place({ "task.ts": task }), ["map", "task.ts#square", "-"]);
    running.stdin.write("3\n");
    expect(values(await written(running, "\n"))).toEqual([9]);
    running.stdin.end("oops\n");
    expect(await running.ended).toBe(1);
  });

  test("cancels when a line of a pipe is wrong", async () => {
    const { stderr, exitCode } = await skyburst(place({ "task.ts": task }), ["map", "task.ts#square", "-"], {
      input: "1\n2\nx\n",
    });
    expect({ stderr, exitCode }).toEqual({ stderr: "skyburst: stdin, line 3: this is not JSON: x\n", exitCode: 1 });
  });

  test.each([
    [
      ["map", "task.ts", "in.jsonl"],
      "skyburst: task.ts: name the function as FILE#EXPORT, for example task.ts#default.\n",
    ],
    [["map", "none.ts#f", "in.jsonl"], "skyburst: none.ts: there is no such file.\n"],
    [["map", "task.ts#sqare", "in.jsonl"], /^skyburst: task.ts has no export "sqare"\. Did you mean square\?.*\n$/],
    [["map", "task.ts#same", "none.jsonl"], "skyburst: none.jsonl: there is no such file.\n"],
    [
      ["map", "task.ts#same", "task.ts"],
      "skyburst: task.ts: its name does not tell what it holds. Give --input-format jsonl, json, csv, txt.\n",
    ],
  ])("says what is missing: %j", async (args, message) => {
    const { stderr, exitCode } = await skyburst(place({ "task.ts": task, "in.jsonl": "1\n" }), args);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });

  test("stops quietly when nobody reads on", async () => {
    const cwd = place({ "task.ts": task, "in.jsonl": Array.from({ length: 50_000 }, (_, n) => n).join("\n") });
    const running = started(cwd, ["map", "task.ts#square", "in.jsonl"]);
    await written(running, "\n");
    running.stdout.destroy();
    expect(await running.ended).toBe(141);
    expect(running.errors()).toBe("");
  });

  test("Ctrl-C tells how to read what is there, which collect does", async () => {
    const cwd = place({ "task.ts": task, "in.jsonl": "0\n1\n2\n3\n" });
    const running = started(cwd, ["map", "task.ts#stuck", "in.jsonl", "--slots", "1", "--store", "jobs"]);
    await written(running, '"value":1');
    running.kill("SIGINT");
    expect(await running.ended).toBe(130);
    const [id] = readdirSync(join(cwd, "jobs", "index"));
    expect(running.errors()).toBe(
      `skyburst: interrupted after 2 of 4 outcomes. To read what is there: skyburst collect ${id} --store jobs\n`,
    );
    const { stdout, exitCode } = await skyburst(cwd, ["collect", String(id), "--store", "jobs"]);
    expect(parsed(stdout).map(({ status }) => status)).toEqual(["succeeded", "succeeded", "cancelled", "cancelled"]);
    expect(exitCode).toBe(1);
  });
});
