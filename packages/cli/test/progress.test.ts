import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { describe as figures, span } from "../src/progress/figures.ts";
import { Pace } from "../src/progress/pace.ts";
import { bin, place, started } from "./skyburst.ts";

describe("progress", () => {
  test("tells what is done, how fast, and what is left", () => {
    expect(figures({ done: 1200, total: 10_000, failed: 3, workers: 2, rate: 340.4, eta: 25.9 })).toBe(
      "1,200/10,000 12%  340/s  ETA 26s  2 workers  3 failed",
    );
    const cost = { amount: 0.1234, currency: "USD" };
    const waiting = { because: "quota: 3 of 10 were refused", seconds: 64.2 };
    expect(figures({ done: 0, total: 10, failed: 1, workers: 0, rate: 0, eta: undefined, cost, waiting })).toBe(
      "0/10 0%  0 workers  $0.12  waiting 1m 5s: quota: 3 of 10 were refused  1 failed",
    );
    expect(figures({ done: 5, total: undefined, failed: 0, workers: 1, rate: 2.25, eta: undefined })).toBe(
      "5  2.3/s  1 worker",
    );
    expect([59, 61, 3660, 90_000].map(span)).toEqual(["59s", "1m 1s", "1h 1m", "1d 1h"]);
  });

  test("follows a pace that changes", () => {
    const pace = new Pace();
    expect(pace.rate).toBe(0);
    for (let at = 0; at <= 60_000; at += 1000) pace.add(at, at < 30_000 ? at / 1000 : 30 + ((at - 30_000) / 1000) * 10);
    expect(pace.rate).toBeCloseTo(10);
    expect(pace.eta(430)).toBeCloseTo(10);
  });

  const task =
    'import { existsSync } from "node:fs";\nexport const seen = async (x: number) => { if (x === 0) { throw new Error("no"); } while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 5)); return x; };\n';

  // `script` gives a command a terminal of its own.
  const onTerminal = async (args: string, env: Readonly<Record<string, string>>) => {
    const cwd = place({ "task.ts": task, "in.jsonl": "0\n1\n" });
    const command = `${process.execPath} ${bin} map task.ts#seen in.jsonl ${args} > out`;
    const running = execa("/usr/bin/script", ["-qec", command, "/dev/null"], {
      cwd,
      reject: false,
      // Under CI, Node takes no terminal for one with colours.
      env: { HOME: cwd, TERM: "xterm-256color", CI: undefined, ...env },
    });
    if (args !== "") writeFileSync(join(cwd, "go"), "");
    running.stdout.on("data", (chunk: Buffer) => {
      if (chunk.includes("1 failed")) writeFileSync(join(cwd, "go"), "");
    });
    const { stdout } = await running;
    expect(readFileSync(join(cwd, "out"), "utf8").split("\n")).toHaveLength(3);
    return stdout;
  };

  test.runIf(process.platform === "linux").each([
    [{}, "\u001B[31m1 failed\u001B[39m"],
    [{ NO_COLOR: "1" }, "1 failed"],
  ])("is a line on a terminal, gone at the end (%j)", async (env, failed) => {
    const shown = await onTerminal("", env);
    expect(shown).toMatch(/█+░+ {2}1\/2 50%/);
    expect(shown).toContain(failed);
    expect(shown.includes("\u001B[31m")).toBe(failed.includes("\u001B[31m"));
    expect(shown.split("\u001B[K").at(-1)?.trim()).toBe("skyburst: 1 of 2 tasks failed (0)");
  });

  test.runIf(process.platform === "linux")("is not shown with --quiet", async () => {
    expect(await onTerminal("--quiet", {})).toBe("");
  });

  test("is a line now and then where there is no terminal", async () => {
    const cwd = place({ "task.ts": task, "in.jsonl": "0\n1\n" });
    const running = started(cwd, ["map", "task.ts#seen", "in.jsonl"]);
    // The job goes on when it has told how it goes, whenever that is.
    await once(running.stderr, "data");
    writeFileSync(join(cwd, "go"), "");
    expect(await running.ended).toBe(1);
    const [first, ...rest] = running.errors().trimEnd().split("\n");
    expect(first).toMatch(/^skyburst: 1\/2 50%( {2}[\d.]+\/s {2}ETA \d+s)? {2}1 worker {2}1 failed$/);
    expect(rest.at(-1)).toBe("skyburst: 1 of 2 tasks failed (0)");
    for (const control of ["\r", "\u001B"]) expect(running.errors()).not.toContain(control);
  });
});
