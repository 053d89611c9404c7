import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const directory = fileURLToPath(new URL("..", import.meta.url));

/** A process of its own: the code under test is the sources there, and what packages are built into everywhere else. */
async function run(...args: readonly string[]): Promise<string> {
  const node = [process.execPath, ["--import", "tsx", "src/main.ts", ...args]] as const;
  const options = { cwd: directory, env: { ...process.env, TSX_TSCONFIG_PATH: "tsconfig.json" }, maxBuffer: 100_000_000 };
  return promisify(execFile)(...node, options).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error instanceof Error && "stdout" in error ? `${String(error.stdout)}${String("stderr" in error ? error.stderr : "")}` : Promise.reject(error)),
  );
}

test("300 seeds keep the protocol", { timeout: 300_000 }, async () => {
  expect(await run("--seeds", "300")).toMatch(/^300 seeds from 1 on: 0 broken, \d+ ms\.\n$/);
});

// Each showed a fault of the protocol's code once: cancelled beside an append, frozen for five minutes, closed in the middle
// of a loop, a log's rest behind its end, short pages of a listing, a provider that did not answer.
test.each([1212, 1503, 29, 99, 39, 46])("seed %i keeps the protocol", async (seed) => {
  expect(await run("--seed", String(seed))).toContain(`Seed ${seed}: nothing is broken`);
});

test("the same seed gives the same history", async () => {
  expect(await run("--seed", "21", "--trace")).toBe(await run("--seed", "21", "--trace"));
});

test("finds what breaks when a rule of the protocol is left out", { timeout: 300_000 }, async () => {
  const found = await run("--bugs", "--seeds", "600");
  expect(found).not.toContain("NOT FOUND");
  expect(found.match(/: seed \d+: /g)?.length).toBe(12);
});
