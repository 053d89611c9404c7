import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsed, place, skyburst } from "./skyburst.ts";

const commands = [
  ["run", "map", "each", "quote", "submit", "attach", "add", "end", "supervise"],
  ["ls", "status", "collect", "logs", "events", "reproduce", "cancel", "retry", "extend", "rm", "gc", "doctor"],
].flat();

describe("the command line", () => {
  test("tells its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    for (const flag of ["--version", "-V"]) expect((await skyburst(place(), [flag])).stdout).toBe(`${version}\n`);
  });

  test.each(commands)("shows help with an example for %s", async (command) => {
    const { stdout, exitCode } = await skyburst(place(), [command, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: skyburst ${command} `));
    expect(stdout).toMatch(new RegExp(`^Example:\\n(  \\$ skyburst .*\\n)*  \\$ skyburst ${command} `, "m"));
  });

  test.each([
    [["rnu", "--", "true"], "unknown command 'rnu' (Did you mean run?)"],
    [["run", "--wokers", "2", "--", "true"], "unknown option '--wokers' (Did you mean --workers?)"],
    [["map", "t.ts#f", "in.jsonl", "--unorderd"], "unknown option '--unorderd' (Did you mean --unordered?)"],
    [
      ["run", "--timeout", "5", "--", "true"],
      "option '--timeout <duration>' argument '5' is invalid. A bare number has no unit: 5s, or 5m?",
    ],
    [
      ["run", "--timeout", "5y", "--", "true"],
      "option '--timeout <duration>' argument '5y' is invalid. There is no unit \"y\": use ms, s, m, h or d.",
    ],
    [
      ["run", "--workers", "0", "--", "true"],
      "option '--workers <n>' argument '0' is invalid. Give a whole number of at least 1.",
    ],
    [
      ["map", "t.ts#f", "x", "--input-format", "xml"],
      "option '--input-format <format>' argument 'xml' is invalid. Allowed choices are jsonl, json, csv, txt.",
    ],
    [["run", "ls", "-la"], "no command is given behind --. Write: skyburst run -- ls -la"],
    [["run"], "no command is given behind --. Write: skyburst run -- COMMAND [ARG...]"],
    [["status"], "missing required argument 'SESSION'"],
    [["ls", "--", "true"], "a command behind -- is for run and each only."],
    [
      ["run", "--backend", "dokcer", "--", "true"],
      "--backend dokcer: there is none of that name. Did you mean docker? There are local, docker; others are named by `backends` in skyburst.config.ts.",
    ],
    [["map", "t.ts#f", "x", "--detach", "--unordered"], "option '--detach' cannot be used with option '--unordered'"],
    [
      ["submit", "t.ts#f", "x", "--deadline", "6h"],
      "option '--deadline <time>' argument '6h' is invalid. Say whether that is from now on: +6h. A moment is given as 2030-12-31T18:00.",
    ],
    [
      ["extend", "s", "--deadline", "tomorrow"],
      "option '--deadline <time>' argument 'tomorrow' is invalid. Give +6h, or a moment such as 2030-12-31T18:00 or 2030-12-31T18:00:00Z.",
    ],
    [
      ["extend", "s", "--deadline", "2030-12-31"],
      "option '--deadline <time>' argument '2030-12-31' is invalid. Give +6h, or a moment such as 2030-12-31T18:00 or 2030-12-31T18:00:00Z.",
    ],
    [
      ["extend", "s", "--deadline", "2030-02-31T25:00"],
      "option '--deadline <time>' argument '2030-02-31T25:00' is invalid. Give +6h, or a moment such as 2030-12-31T18:00 or 2030-12-31T18:00:00Z.",
    ],
    [
      ["extend", "s", "--deadline", "+6"],
      "option '--deadline <time>' argument '+6' is invalid. A bare number has no unit: 6s, or 6m?",
    ],
    [
      ["extend", "s", "--budget", "+0"],
      "option '--budget <dollars>' argument '+0' is invalid. Give an amount in dollars such as 5 or 0.50.",
    ],
    [["extend", "s"], "extend needs --deadline, --budget, --warn-at or --max-rate: by how much, or to what."],
    [
      ["submit", "t.ts#f", "x", "--max-rate", "20/d"],
      "option '--max-rate <dollars/h>' argument '20/d' is invalid. There is no rate per d: give dollars per hour, such as 20/h.",
    ],
    [
      ["extend", "s", "--max-rate", "cheap"],
      "option '--max-rate <dollars/h>' argument 'cheap' is invalid. Give dollars per hour such as 20/h or 0.50/h.",
    ],
    [
      ["map", "t.ts#f", "x", "--warn-at", "0"],
      "option '--warn-at <dollars>' argument '0' is invalid. Give an amount in dollars such as 5 or 0.50.",
    ],
    [
      ["map", "t.ts#f", "x", "--start-timeout", "60"],
      "option '--start-timeout <duration>' argument '60' is invalid. A bare number has no unit: 60s, or 60m?",
    ],
    [
      ["map", "t.ts#f", "x", "--retries", "user=2,spot=1"],
      "option '--retries <n>' argument 'user=2,spot=1' is invalid. Spot losses never count: a task that lost its worker so always runs again. Leave spot out.",
    ],
    [
      ["map", "t.ts#f", "x", "--retries", "memory=1"],
      "option '--retries <n>' argument 'memory=1' is invalid. Nothing is to blame that is called \"memory\": there are user, timeout, oom, lost, infrastructure.",
    ],
    [
      ["each", "x", "--retries", "oom=", "--", "true"],
      "option '--retries <n>' argument 'oom=' is invalid. Give a whole number of at least 0.",
    ],
    [
      ["each", "x", "--memory-on-oom", "2", "--", "true"],
      "option '--memory-on-oom <times>' argument '2' is invalid. A bare number has no unit: 2x?",
    ],
    [
      ["map", "t.ts#f", "x", "--memory-on-oom", "1x"],
      "option '--memory-on-oom <times>' argument '1x' is invalid. Give more than 1x, and at most 100x.",
    ],
    [
      ["submit", "t.ts#f", "x", "--budget", "5USD"],
      "option '--budget <dollars>' argument '5USD' is invalid. Give an amount in dollars such as 5 or 0.50.",
    ],
    [
      ["add", "s", "x", "--id", "../x"],
      "option '--id <key>' argument '../x' is invalid. Give at most 64 letters, digits, - and _, beginning with a letter or a digit.",
    ],
    [
      ["cancel", "s", "--task", "-1"],
      "option '--task <i>' argument '-1' is invalid. Give a whole number of at least 0.",
    ],
    [
      ["collect", "s", "--since", "12"],
      "option '--since <cursor>' argument '12' is invalid. Give a cursor as collect prints it, such as 0.1200.",
    ],
    [
      ["gc", "--older-than", "7"],
      "option '--older-than <duration>' argument '7' is invalid. A bare number has no unit: 7s, or 7m?",
    ],
    [["run", "--stdin", "none", "--", "true"], /^--stdin none can't be read: ENOENT.*$/],
    [
      ["run", "--env", "SURELY_NOT_SET", "--", "true"],
      "--env SURELY_NOT_SET: no such variable is set here. Give --env SURELY_NOT_SET=VALUE.",
    ],
  ])("answers %j in one line, with exit code 2", async (args, message) => {
    const { stdout, stderr, exitCode } = await skyburst(place(), args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr.split("\n")).toHaveLength(2);
    expect(stderr.trimEnd().replace(/^skyburst: /, "")).toMatch(message);
  });

  test("shows a stack only to who asks for it", async () => {
    const args = ["collect", "none"];
    expect((await skyburst(place(), args)).stderr).not.toContain(" at ");
    expect((await skyburst(place(), args, { env: { DEBUG: "skyburst" } })).stderr).toMatch(
      /^skyburst: There is no session.*\nSkyburstError: .*\n +at /,
    );
  });

  test("says that the store can't be used", async () => {
    const { stderr, exitCode } = await skyburst(place({ taken: "a file" }), ["run", "--store", "taken", "--", "true"]);
    expect(stderr).toMatch(/^skyburst: .*taken.*\n$/);
    expect(exitCode).toBe(125);
  });
});

describe("skyburst.config.ts", () => {
  const config = `
import { defineConfig } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).pathname)};
import { directory } from ${JSON.stringify(new URL(import.meta.resolve("@skyburst/state-fs")).pathname)};
const place: string = "jobs";
export default defineConfig({ store: directory(place), slots: 1, retries: 1 });`;
  const flaky = `
import { existsSync, writeFileSync } from "node:fs";
export const flaky = (x: string): string => { if (existsSync(x)) return x; writeFileSync(x, ""); throw new Error("once"); };`;

  test("is the stack of the directory, and flags win", async () => {
    const cwd = place({ "skyburst.config.ts": config, "task.ts": flaky, "in.txt": "a\n", "in2.txt": "b\n" });
    const first = await skyburst(cwd, ["map", "task.ts#flaky", "in.txt", "--name", "first"]);
    expect({ stderr: first.stderr, exitCode: first.exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(parsed(first.stdout)).toMatchObject([{ value: "a", attempts: 2 }]);
    expect((await skyburst(cwd, ["map", "task.ts#flaky", "in2.txt", "--retries", "0"])).exitCode).toBe(1);
    expect(parsed((await skyburst(cwd, ["ls", "--store", "jobs", "--json"])).stdout)).toHaveLength(2);
    expect((await skyburst(cwd, ["status", "first"])).exitCode).toBe(0);
  });

  test("can be named, and says what is wrong with it", async () => {
    const cwd = place({
      "good.ts": config,
      "empty.ts": "export const x = 1;",
      "typo.ts": "export default { worker: 3 };",
      "broken.ts": "export default {",
      "late.ts": 'export default { deadline: "6h" };',
      "free.ts": "export default { budget: -1 };",
      "spot.ts": "export default { retries: { spot: 1 } };",
      "fast.ts": 'export default { maxRate: "20/s" };',
      "named.ts": "export default { backends: { far: { name: 'far' } } };",
    });
    expect((await skyburst(cwd, ["run", "--config", "good.ts", "--", "true"])).exitCode).toBe(0);
    expect(parsed((await skyburst(cwd, ["ls", "--store", "jobs", "--json"])).stdout)).toHaveLength(1);
    const wrong = async (name: string) => (await skyburst(cwd, ["run", "--config", name, "--", "true"])).stderr;
    expect(await wrong("none.ts")).toBe("skyburst: --config none.ts: there is no such file.\n");
    expect(await wrong("empty.ts")).toMatch(/^skyburst: \S+empty.ts can't be loaded: .*no export "default".*\n$/);
    expect(await wrong("typo.ts")).toBe(
      'skyburst: typo.ts: there is no option "worker". There are backend, backends, store, costs, workers, slots, spec, secrets, timeout, retries, memoryOnOom, deadline, idleTimeout, budget, warnAt, maxRate, startTimeout.\n',
    );
    expect(await wrong("late.ts")).toBe(
      'skyburst: deadline: "6h" in the configuration: Say whether that is from now on: +6h. A moment is given as 2030-12-31T18:00.\n',
    );
    expect(await wrong("free.ts")).toBe(
      "skyburst: budget: -1 in the configuration: Give an amount in dollars such as 5 or 0.50.\n",
    );
    expect(await wrong("spot.ts")).toMatch(
      /^skyburst: retries: {"spot":1} in the configuration: Spot losses never count: .*\n$/,
    );
    expect(await wrong("fast.ts")).toMatch(
      /^skyburst: maxRate: "20\/s" in the configuration: There is no rate per s: .*\n$/,
    );
    const near = await skyburst(cwd, ["run", "--config", "named.ts", "--backend", "fa", "--", "true"]);
    expect(near.stderr).toBe(
      "skyburst: --backend fa: there is none of that name. Did you mean far? There are far, local, docker; others are named by `backends` in skyburst.config.ts.\n",
    );
    expect(await wrong("broken.ts")).toMatch(/^skyburst: \S+broken.ts can't be loaded: .*\n$/);
  });
});
