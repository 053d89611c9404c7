import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sample } from "../src/quote/sample.ts";
import { compared } from "./priced.ts";
import { parsed, place, skyburst } from "./skyburst.ts";

/** Writes down each of its calls. */
const task = `
import { appendFileSync } from "node:fs";
export const noted = async (x: { n: number }): Promise<number> => {
  appendFileSync("calls", x.n + "\\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  return x.n;
};
export const odd = (x: { n: number }): number => { if (x.n % 2 === 0) throw new Error(x.n + " is even"); return x.n; };
export const fails = (): never => { throw new Error("never"); };`;

const inputs = Array.from({ length: 5000 }, (_, n) => `{"n":${n}}\n`).join("");

function stage(more?: string): string {
  return place({ "skyburst.config.ts": compared(more), "task.ts": task, "in.jsonl": inputs });
}

describe("skyburst quote", () => {
  test("tries a few inputs, and tells time and money of each size, on what they rest, and which to choose", async () => {
    const cwd = stage();
    const { stdout, stderr, exitCode } = await skyburst(cwd, [
      "quote",
      "task.ts#noted",
      "in.jsonl",
      "--workers",
      "10,2",
    ]);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const calls = readFileSync(join(cwd, "calls"), "utf8").trim().split("\n").map(Number);
    expect(calls).toHaveLength(5);
    expect(calls.every((n) => n >= 0 && n < 5000)).toBe(true);
    const [head, ...rest] = stdout.split("\n");
    expect(head).toBe("WHERE  WORKERS  SLOTS  TIME (p50–p95)".padEnd(head?.indexOf("COST") ?? 0) + "COST (p50–p95)");
    expect(rest.slice(0, 5).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ["local", "1"],
      ["near", "2"],
      ["near", "10"],
      ["spot", "2"],
      ["spot", "10"],
    ]);
    expect(rest[0]).toMatch(/ free( {2}◀)?$/);
    expect(rest[1]).toMatch(/ \$0\.\d+( – \$0\.\d+)?( {2}◀)?$/);
    expect(rest[3]).toMatch(/ \(moves: \$0\.\d+ to \$0\.\d+\)( {2}◀)?$/);
    expect(stdout).toMatch(/\n {2}5,000 tasks like the 5 that ran here, alone, in [\d.]+ s( – [\d.]+ s)? each\n/);
    expect(stdout).toContain("  near: $3.60 per worker and hour (made up, 2026-11-21), 1 s to start\n");
    expect(stdout).toContain(
      "  spot: $0.06 per worker and hour (made up, 2026-11-21), 30 s to start, billed for 60 s at least\n",
    );
    expect(stdout).toMatch(/\n\n◀ .+\.\n$/);
    // What was tried left nothing behind.
    expect(existsSync(join(cwd, ".skyburst", "s")) ? readdirSync(join(cwd, ".skyburst", "s")) : []).toEqual([]);
  });

  test("says that staying here is best, where it is", async () => {
    const cwd = stage();
    const { stdout } = await skyburst(cwd, ["quote", "task.ts#odd", "-", "--sample", "2"], {
      input: '{"n":1}\n{"n":3}\n',
    });
    expect(stdout).toMatch(/\nlocal +1 +\d+ .* free {2}◀\n/);
    expect(stdout).toMatch(/\n◀ staying on local is best: .*\n$/);
  });

  test("tells the same as JSON, of one backend if it is named", async () => {
    const args = [
      "quote",
      "task.ts#noted",
      "in.jsonl",
      "--backend",
      "near",
      "--workers",
      "20,2000",
      "--sample",
      "1",
      "--json",
    ];
    const { stdout } = await skyburst(stage(), args);
    const [quote] = parsed(stdout) as [
      { job: { tasks: number }; estimates: { place: string; asked: number }[]; best: number },
    ];
    expect(quote.job.tasks).toBe(5000);
    expect(quote.estimates.map(({ place: at, asked }) => [at, asked])).toEqual([
      ["local", 1],
      ["near", 20],
      ["near", 100],
    ]);
    expect(quote.estimates[quote.best]).toBeDefined();
  });

  test("quotes a command as each runs it", async () => {
    const cwd = stage();
    const { stdout, exitCode } = await skyburst(cwd, [
      "quote",
      "in.jsonl",
      "--sample",
      "2",
      "--",
      "sh",
      "-c",
      "echo {n} >> ran",
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("5,000 tasks like the 2 that ran here");
    expect(readFileSync(join(cwd, "ran"), "utf8").trim().split("\n")).toHaveLength(2);
    const twice = await skyburst(cwd, ["quote", "task.ts#noted", "in.jsonl", "--", "true"]);
    expect(twice).toMatchObject({
      exitCode: 2,
      stderr: "skyburst: a command is quoted as it is run by each. Write: skyburst quote INPUTS -- COMMAND [ARG...]\n",
    });
  });

  test("goes by those that succeed, and says what became of the others", async () => {
    const cwd = stage();
    const some = await skyburst(cwd, ["quote", "task.ts#odd", "-", "--sample", "4"], {
      input: '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n',
    });
    expect(some.stderr).toBe(
      "skyburst: 2 of the 4 inputs that were tried failed: 2 is even. The quote goes by the others.\n",
    );
    expect(some.exitCode).toBe(0);
    expect(await skyburst(cwd, ["quote", "task.ts#fails", "in.jsonl"])).toMatchObject({
      stdout: "",
      stderr: "skyburst: 5 of the 5 inputs that were tried failed: never\n",
      exitCode: 1,
    });
  });

  test.each([
    [["quote", "task.ts#noted", "empty.jsonl"], "empty.jsonl holds no input: there is nothing to quote."],
    [["quote", "task.ts#noted", "none.jsonl"], "none.jsonl: there is no such file."],
    [["quote", "task.ts#nothing", "in.jsonl"], 'task.ts has no export "nothing". It exports fails, noted, odd.'],
    [["quote", "task.ts#noted", "wrong.jsonl"], "the sample of wrong.jsonl, line 1: this is not JSON: nothing"],
    [
      ["quote", "task.ts#noted", "in.jsonl", "--workers", "10,no"],
      "option '--workers <n,n>' argument '10,no' is invalid. Give a whole number of at least 1.",
    ],
    [
      ["quote", "task.ts#noted", "in.jsonl", "--backend", "neat"],
      "--backend neat: there is none of that name. Did you mean near? There are near, spot, local, docker; others are named by `backends` in skyburst.config.ts.",
    ],
  ])("answers %j in one line, with exit code 2", async (args, message) => {
    const cwd = place({
      "skyburst.config.ts": compared(),
      "task.ts": task,
      "in.jsonl": inputs,
      "empty.jsonl": "",
      "wrong.jsonl": "nothing\n",
    });
    expect(await skyburst(cwd, args)).toMatchObject({ stdout: "", stderr: `skyburst: ${message}\n`, exitCode: 2 });
  });
});

describe("a sample", () => {
  const of = async (lines: readonly string[], size: number, pieces = 3) =>
    sample(
      (async function* () {
        for (let at = 0; at < lines.length; at += pieces)
          yield Buffer.from(
            lines
              .slice(at, at + pieces)
              .map((line) => `${line}\n`)
              .join(""),
          );
      })(),
      size,
    );

  test("is all there is of few, in their order, without blank lines", async () => {
    expect(await of(["1", "", "2", "  ", "3"], 5)).toEqual({ lines: ["1", "2", "3"], total: 3, bytes: 6 });
    expect(await of([], 5)).toEqual({ lines: [], total: 0, bytes: 0 });
  });

  test("takes each input with the same chance, and the same ones each time", async () => {
    const lines = Array.from({ length: 1000 }, (_, n) => String(n));
    const { lines: taken, total } = await of(lines, 200, 7);
    expect(total).toBe(1000);
    expect(new Set(taken).size).toBe(200);
    expect(await of(lines, 200, 400)).toMatchObject({ lines: taken });
    expect(taken.map(Number)).toEqual(taken.map(Number).toSorted((a, b) => a - b));
    // A fifth of each half, give or take: the same every time, so that this is no matter of luck.
    const early = taken.filter((line) => Number(line) < 500).length;
    expect(early).toBeGreaterThan(80);
    expect(early).toBeLessThan(120);
  });
});
