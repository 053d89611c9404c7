import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ConformanceError, runSuite, storeSuite } from "../src/index.ts";
import { memory } from "./stores/memory-store.ts";

test("the suites run under node:test", () => {
  const file = fileURLToPath(new URL("fixtures/node-test.mjs", import.meta.url));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const out = execFileSync(process.execPath, ["--test", "--test-reporter=tap", file], { env, encoding: "utf8" });
  expect(out).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(out)?.[1])).toBeGreaterThan(30);
  expect(out).toContain("what others send");
});

test("a run tells of each test, in order, and of failures by their errors", async () => {
  const seen: string[] = [];
  const rows = await runSuite(
    ({ describe, test }) => {
      describe("outer", () => {
        test("right", async () => undefined);
        describe("inner", () => void test("wrong", () => Promise.reject(new Error("no"))));
      });
      test("alone", () => Promise.reject("text"));
    },
    { onRow: ({ test }) => seen.push(test) },
  );
  expect(rows.map(({ group, test, passed, error }) => ({ group, test, passed, message: error?.message }))).toEqual([
    { group: "outer", test: "right", passed: true, message: undefined },
    { group: "outer inner", test: "wrong", passed: false, message: "no" },
    { group: "", test: "alone", passed: false, message: "text" },
  ]);
  expect(seen).toEqual(["right", "wrong", "alone"]);
});

test("a test that hangs has failed when its time is over, and the next one runs", async () => {
  const rows = await runSuite(
    ({ test }) => {
      test("hangs", () => new Promise(() => undefined));
      test("goes on", async () => undefined);
    },
    { timeout: 20 },
  );
  expect(rows.map(({ passed, error }) => [passed, error?.message])).toEqual([
    [false, "It did not end within 0.02 s."],
    [true, undefined],
  ]);
});

test("a run that is given up ends after the test that runs", async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const run = runSuite(
    ({ test }) => {
      test("first", async () => stop.abort(new Error("enough")));
      test("second", async () => undefined);
    },
    { signal: stop.signal, onRow: ({ test }) => seen.push(test) },
  );
  await expect(run).rejects.toThrow("enough");
  expect(seen).toEqual(["first"]);
});

test("a fact that there is not is refused by its name", () => {
  const facts = { nested: "refused" };
  const start = () =>
    storeSuite({ describe: (_, body) => body(), test: () => undefined }, () => memory("facts"), facts as object);
  expect(start).toThrow(ConformanceError);
  expect(start).toThrow("There is no fact `nested` to be stated. There are nesting, modifiedResolution");
});

test("without the fact `open`, the module of the reference is imported, and said if it can't be", async () => {
  const rows = await runSuite((registrar) =>
    storeSuite(registrar, () => memory("imported"), { modifiedResolution: 10 }),
  );
  const failed = rows.filter(({ passed }) => !passed);
  expect(failed.map(({ test }) => test)).toEqual([
    "opens the same store again",
    "with an option that there is not is refused",
  ]);
  expect(failed[0]?.error?.message).toContain("The module memory of the reference can't be imported here");
});
