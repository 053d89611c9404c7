import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "skyburst-programs-"));
});
afterAll(async () => {
  await rm(place, { recursive: true, force: true });
});

describe.each(["portfolio", "bootstrap", "chunks", "grid-search"])("%s", (example) => {
  it("prints the same numbers with Skyburst and without", { timeout: 120_000 }, async () => {
    const parallel = await run(`${example}/main.ts`);
    const sequential = await run(`${example}/sequential.ts`);
    expect(parallel.numbers).toBe(sequential.numbers);
    expect(sequential.time).toMatch(/^[\d,]+ calls one after the other: [\d.]+ s\.$/);
    expect(parallel.time).toMatch(/^[\d,]+ tasks on \d+ workers?: [\d.]+ s of work for one core, done in [\d.]+ s/);
  });
});

/** As the command tsx has it, which starts Node.js a second time for that. */
const TSX = import.meta.resolve("tsx");

/** The last line tells the time, all before it the numbers. */
async function run(program: string): Promise<{ numbers: string; time: string }> {
  const file = fileURLToPath(new URL(`../src/${program}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", TSX, file], { cwd: place });
  const lines = stdout.trimEnd().split("\n");
  return { numbers: lines.slice(0, -1).join("\n"), time: lines.at(-1) ?? "" };
}
