import { afterAll, describe, expect, test } from "vitest";
import { allEnded, killAll, stage, statusOf, submitted, until, values } from "./detached.ts";
import { priced } from "./priced.ts";
import { parsed, skyburst } from "./skyburst.ts";

afterAll(killAll);

const task = `export const wait = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, ms, ms));`;

/** A worker costs a cent per second. */
const cent = 36;

function paid(more?: string, inputs = "100\n".repeat(4)): string {
  return stage({ "skyburst.config.ts": priced(cent, more), "wait.ts": task, "in.jsonl": inputs });
}

const dollars = String.raw`\$\d+\.\d+`;

describe.concurrent("a job that is not free", () => {
  test("says at its end what it has cost, and nothing of it with --quiet", async () => {
    const cwd = paid();
    const { stderr, exitCode } = await skyburst(cwd, ["map", "wait.ts#wait", "in.jsonl", "--name", "paid"]);
    expect(exitCode).toBe(0);
    // Lines of progress may stand before it, on a busy machine.
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(new RegExp(`^skyburst: it has cost ${dollars} for workers$`));
    expect((await skyburst(cwd, ["map", "wait.ts#wait", "in.jsonl", "--quiet"])).stderr).toBe("");
    expect((await skyburst(cwd, ["ls"])).stdout).toMatch(new RegExp(`paid .* ${dollars}\\n`));
  });

  test("has a receipt that adds up, for people and for programs", async () => {
    const cwd = paid();
    await skyburst(cwd, ["map", "wait.ts#wait", "in.jsonl", "--name", "paid"]);
    const { stdout } = await skyburst(cwd, ["status", "paid", "--receipt"]);
    expect(stdout).toMatch(
      /^receipt of \S+, done\nworkers +\$\d\.\d+ {2}[\d.]+ s of 1 worker, at \$36\.00\/h \(made up, 2026-11-21\)\n/,
    );
    expect(stdout).toMatch(/\nrequests +\$0\.00 {2}\d+ create, /);
    expect(stdout).toMatch(/\nper 1,000 +\$\d+\.\d+ {2}of 4 tasks with an outcome\n/);
    const [receipt] = parsed((await skyburst(cwd, ["status", "paid", "--receipt", "--json"])).stdout) as [
      { cost: Record<string, { amount: number }>; workers: { hours: number }; unknown: string[]; final: boolean },
    ];
    expect(receipt).toMatchObject({ final: true, unknown: [] });
    expect(receipt.cost.total?.amount).toBeCloseTo(receipt.workers.hours * cent, 9);
  });

  test("is told of in its status while it runs, by whoever has its configuration", async () => {
    const cwd = paid('warnAt: 90, maxRate: "100/h"', "60000\n");
    const id = await submitted(cwd, "wait.ts#wait", "in.jsonl", "--budget", "100");
    await until(async () => (await statusOf(cwd, id)).fleet !== undefined, "the supervisor says what it plans");
    const { stdout } = await skyburst(cwd, ["status", id]);
    expect(stdout).toMatch(/\nfleet +1 live.*: .+\n/);
    expect(stdout).toMatch(new RegExp(`\\ncost +${dollars}, \\$36\\.00/h now\\n`));
    expect(stdout).toMatch(/\nbudget +\$100\.00, 0% spent\nmax rate +\$100\.00\/h\nwarn at +\$90\.00\n/);
    // Prices of workers are the configuration's.
    expect((await skyburst(cwd, ["status", id, "--store", ".skyburst"])).stdout).not.toContain("$36.00/h");
    await skyburst(cwd, ["cancel", id]);
    await allEnded(cwd);
  });
});

describe.concurrent("limits of money", () => {
  test("pause a session at its budget, tell the warning once, and let it go on when it is extended", async () => {
    // Half a second each, a cent per second: some cents in all.
    const cwd = paid("warnAt: 0.005, budget: 0.03", "500\n".repeat(10));
    const { stderr, exitCode } = await skyburst(cwd, ["map", "wait.ts#wait", "in.jsonl", "--name", "short"]);
    expect(exitCode).toBe(4);
    expect(stderr.match(/skyburst: warning: /g)).toHaveLength(1);
    expect(stderr).toMatch(/To go on: skyburst extend \S+ --budget \+5\n$/);
    expect(await statusOf(cwd, "short")).toMatchObject({ pausedFor: "budget" });
    const again = await skyburst(cwd, ["extend", "short", "--budget", "+5"]);
    expect(again.stderr).toMatch(/ goes on for at most \$5\.03/);
    const { stdout, exitCode: end } = await skyburst(cwd, ["collect", "short", "--wait"]);
    expect({ values: values(stdout), end }).toEqual({ values: Array.from({ length: 10 }, () => 500), end: 0 });
    await allEnded(cwd);
  });

  test("warn at the end of a single command, too, and say no more on what is the command's own channel", async () => {
    const { stderr, exitCode } = await skyburst(paid("warnAt: 0.0001"), ["run", "--", "sh", "-c", "exit 7"]);
    expect(exitCode).toBe(7);
    expect(stderr).toMatch(
      new RegExp(`^skyburst: warning: it has cost ${dollars}, of which ${dollars} was to be told\\n$`),
    );
  });

  test("are refused where nobody knows a price, or they pay for no worker", async () => {
    const cwd = paid();
    const none = await skyburst(cwd, ["map", "wait.ts#wait", "in.jsonl", "--max-rate", "20/h"]);
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toMatch(
      /^skyburst: The maxRate of USD 20 an hour pays for no worker: one costs USD 36 an hour\. .*\n$/,
    );
  });
});
