import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parsed, place, skyburst, started, written } from "./skyburst.ts";

const stateFs = JSON.stringify(fileURLToPath(import.meta.resolve("@skyburst/state-fs")));
const backendLocal = JSON.stringify(fileURLToPath(import.meta.resolve("@skyburst/backend-local")));
const core = JSON.stringify(fileURLToPath(import.meta.resolve("@skyburst/core")));

const right = `
import { directory, open } from ${stateFs};
export const store = (): unknown => directory("kept");
export const facts = { nesting: "refused", modifiedResolution: 10, roles: ["close", "rates"] };
export { open };
`;
const overwriting = `
import { directory, open } from ${stateFs};
export default () => {
  const right = directory("kept");
  return Object.assign(Object.create(right), right, {
    create: async (...given) => (await right.create(...given)) || (await right.put(...given), false),
    get: (...given) => right.get(...given),
    list: (...given) => right.list(...given),
    put: (...given) => right.put(...given),
    delete: (...given) => right.delete(...given),
    now: () => right.now(),
    close: () => right.close(),
  });
};
export const facts = { nesting: "refused", modifiedResolution: 10, open };
`;

describe("skyburst conformance", () => {
  test("shows each test of a store in a table, and ends with 0 when all have passed", async () => {
    const { stdout, stderr, exitCode } = await skyburst(place({ "my-store.ts": right }), [
      "conformance",
      "my-store.ts",
    ]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /^ +ms {2}create\npassed +\d+ {2}is true for a new key, and the bytes are there for everybody\n/,
    );
    expect(stdout).toMatch(/\n\n(\d+) of \1 tests passed\.\n$/);
    expect(exitCode).toBe(0);
  });

  test("names what a broken one does wrong, and ends with 1", async () => {
    const cwd = place({ "broken.mjs": overwriting });
    const { stdout, exitCode } = await skyburst(cwd, ["conformance", "./broken.mjs"]);
    expect(stdout).toMatch(/\nFAILED +\d+ {2}leaves what is there\n/);
    expect(stdout).toContain("\ncreate: leaves what is there\n  ");
    expect(stdout).toMatch(/\n(\d+) of \d+ tests passed\.\n$/);
    expect(exitCode).toBe(1);
  });

  test("--json is a line for each test", async () => {
    const cwd = place({ "broken.mjs": overwriting });
    const { stdout, exitCode } = await skyburst(cwd, ["conformance", "broken.mjs", "--json"]);
    const rows = parsed(stdout);
    const failed = rows.filter(({ passed }) => passed === false);
    expect(failed).toContainEqual({
      group: "create",
      test: "leaves what is there",
      passed: false,
      error: { name: "AssertionError", message: expect.any(String), stack: expect.any(String) },
      ms: expect.any(Number),
    });
    expect(rows.length - failed.length).toBeGreaterThan(50);
    expect(exitCode).toBe(1);
  });

  test("gives up on a test after --timeout, and goes on with the next", async () => {
    const never = `
      const hangs = () => new Promise(() => undefined);
      const reference = { module: "never", options: {} };
      const pace = { ttl: 1000, commitInterval: 100, poll: [1, 10], chunksPerSlot: 1 };
      export const store = () => ({ reference, pace, create: hangs, get: hangs, list: hangs, put: hangs, delete: hangs, now: hangs });
      export const facts = { roles: [] };
    `;
    const given = ["conformance", "never.mjs", "--timeout", "5ms"];
    const { stdout, exitCode } = await skyburst(place({ "never.mjs": never }), given);
    expect(stdout).toContain("\ncreate: leaves what is there\n  It did not end within 0.005 s.\n");
    expect(exitCode).toBe(1);
  });

  test("ends after the test that runs when it is interrupted", async () => {
    const running = started(place({ "my-store.ts": right }), ["conformance", "my-store.ts", "--json"]);
    await written(running, '"leaves what is there"');
    running.kill("SIGINT");
    expect(await running.ended).toBe(130);
    expect(running.errors()).toBe("skyburst: interrupted\n");
  });

  test("ends without a word when nobody reads on", async () => {
    const running = started(place({ "my-store.ts": right }), ["conformance", "my-store.ts"]);
    running.stdout.destroy();
    expect(await running.ended).toBe(141);
    expect(running.errors()).toBe("");
  });

  test("knows a backend and a serializer by what they make", async () => {
    const cwd = place({
      "backend.mjs": `
        import { local } from ${backendLocal};
        export default () => local({ directory: "output" });
        const roles = ["watch", "capacity", "rate", "logs", "sessions", "close"];
        export const facts = { roles, verifiesProgram: true, exitReports: "launcher", signals: true };
      `,
      "serializer.mjs": `
        import { serializer } from ${core};
        const kinds = ["undefined", "numbers", "bigint", "Date", "RegExp", "URL", "Map", "Set", "Error", "bytes", "Shared", "keys", "references", "cycles"];
        export default () => serializer;
        export const facts = { kinds, referenced: false };
      `,
    });
    for (const [file, group] of [
      ["backend.mjs", "launch"],
      ["serializer.mjs", "what others send"],
    ] as const) {
      const { stdout, exitCode } = await skyburst(cwd, ["conformance", file]);
      expect(stdout).toContain(`ms  ${group}\n`);
      expect(stdout).toMatch(/\n(\d+) of \1 tests passed\.\n$/);
      expect(exitCode).toBe(0);
    }
  });

  test.each([
    ["nothing.ts", "export const a = 1;", "exports none of"],
    ["value.ts", "export const store = {};", "export `store` is no function"],
    ["other.ts", "export default () => ({ run() {} });", "neither `create`, `launch` nor `encode`"],
    ["both.ts", "export const store = () => ({}); export const backend = () => ({});", "`store` and `backend`"],
    ["facts.ts", "export const store = () => ({}); export const facts = { nested: 1 };", "There is no fact `nested`"],
    ["throws.ts", 'export default () => { throw new Error("no place"); };', "no place"],
    ["wrong.ts", "export default {", "can't be loaded"],
    ["missing.ts", undefined, "there is no such file"],
  ])("%s is a mistake that is explained", async (name, source, message) => {
    const cwd = place(source === undefined ? {} : { [name]: source });
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["conformance", name]);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });
});
