import { describe, expect, it } from "vitest";
import { openSlot, program, run, slice, valuesOf } from "./harness.ts";

describe("a task that throws", () => {
  it("fails, with name, message, code, cause and blame, and its neighbours do not", async () => {
    const odd = await program(`export function task(n) {
      if (n === 2) throw Object.assign(new RangeError("two", { cause: new Error("because") }), { code: "E_TWO" });
      return n; }`);
    const ran = await run(openSlot(), slice(odd, [1, 2, 3]));
    expect([...ran.lines.keys()]).toEqual([0, 2]);
    expect(ran.failed.get(1)).toMatchObject({
      blame: "user",
      error: { name: "RangeError", message: "two", code: "E_TWO", cause: { name: "Error", message: "because" } },
    });
  });

  it("or rejects, is the same, and what is no error is shown", async () => {
    const reject = await program(`export const task = async (how) => {
      if (how === "text") throw "a text";
      if (how === "nothing") throw undefined;
      if (how === "hostile") throw Object.defineProperty(new Error("x"), "message", { get() { throw new Error("no"); } });
      const ring = new Error("ring"); ring.cause = ring; throw ring; };`);
    const ran = await run(openSlot(), slice(reject, ["text", "nothing", "hostile", "ring"]));
    const messages = [...ran.failed.values()].map(({ error }) => error.message);
    expect(messages[0]).toContain('"a text"');
    expect(messages[1]).toContain("undefined");
    expect(messages[2]).toContain("can't be read");
    expect(messages[3]).toBe("ring");
  });

  it("has a stack of the user's own lines, by the source map, and none of ours", async () => {
    // One line of output; its column 0 and on is line 3 of task.ts, column 2.
    const map = { version: 3, sources: ["file:///home/me/task.ts"], names: [], mappings: "AAEE" };
    const inline = Buffer.from(JSON.stringify(map)).toString("base64");
    const source = `export function task() { throw new Error("mapped"); }\n//# sourceMappingURL=data:application/json;base64,${inline}`;
    const ran = await run(openSlot(), slice(await program(source), [0]));
    const { stack } = ran.failed.get(0)!.error;
    expect(stack).toMatch(/^Error: mapped\n\s+at .*\/home\/me\/task\.ts:3:/);
    expect(stack!.split("\n")).toHaveLength(2);
  });

  it("has a clean stack when it awaited, too", async () => {
    const late = await program(`export async function task() { await null; await deeper(); }
      async function deeper() { await null; throw new Error("late"); }`);
    const ran = await run(openSlot(), slice(late, [0]));
    const frames = ran.failed.get(0)!.error.stack!.split("\n").slice(1);
    expect(frames).toHaveLength(2);
    expect(frames.every((line) => line.includes("program.mjs"))).toBe(true);
  });

  it("with a result that cannot travel is failed by path", async () => {
    const bad = await program("export const task = (n) => (n === 1 ? { a: [() => 1] } : n);");
    const ran = await run(openSlot(), slice(bad, [0, 1, 2]));
    expect(ran.failed.get(1)).toMatchObject({
      blame: "user",
      error: { name: "SerializeError", message: expect.stringContaining("a[0]") },
    });
    expect([...ran.lines.keys()]).toEqual([0, 2]);
  });
});

describe("a program that cannot be loaded fails all its tasks", () => {
  it.each([
    ["a syntax error", "export const task = ;", "SyntaxError", /Unexpected token/],
    ["an error at its top level", `throw new TypeError("at the top");`, "TypeError", /at the top/],
    ["a missing package", `import "no-such-package-here"; export const task = 1;`, "Error", /no-such-package-here/],
    ["no task", "export const other = 1;", "TypeError", /no export "task"/],
    ["a task that is no function", "export const task = 42;", "TypeError", /is a number, not a function/],
    ["process.exit at its top level", "process.exit(4);", "Error", /process\.exit\(4\)/],
  ])("%s", async (_, source, name, message) => {
    const slot = openSlot();
    const ran = await run(slot, slice(await program(source), [1, 2, 3]));
    expect([...ran.failed.keys()]).toEqual([0, 1, 2]);
    expect(ran.failed.get(2)).toMatchObject({
      blame: "user",
      error: { name, message: expect.stringMatching(message) },
    });
    // The slot is as good as new.
    const next = await run(slot, slice(await program("export const task = (n) => n;"), [5]));
    expect(valuesOf(next)).toEqual([5]);
  });

  it("each time", async () => {
    const broken = await program("throw new Error('once'); export const task = () => 1;");
    const slot = openSlot();
    for (const _ of [1, 2]) expect((await run(slot, slice(broken, [1]))).failed.get(0)?.error.message).toBe("once");
  });
});

describe("a program", () => {
  it("is loaded once per thread, ahead by an empty slice", async () => {
    const count = await program(
      "globalThis.loads = (globalThis.loads ?? 0) + 1; export const task = () => globalThis.loads;",
    );
    const slot = openSlot();
    expect(await run(slot, slice(count, []))).toMatchObject({ unstarted: [], aborted: [] });
    expect(valuesOf(await run(slot, slice(count, [1])))).toEqual([1]);
    expect(valuesOf(await run(slot, slice(count, [1])))).toEqual([1]);
  });

  it("sees that it is in a worker, and requires what could not be bundled", async () => {
    const look = await program(`export const task = () => [globalThis[Symbol.for("skyburst.worker")],
      (() => { try { return globalThis[Symbol.for("skyburst.require")]("no-such-addon"); } catch (error) { return error.message; } })()];`);
    const [seen] = valuesOf(await run(openSlot(), slice(look, [0]))) as [unknown[]];
    expect(seen[0]).toBe(true);
    expect(seen[1]).toContain("no-such-addon");
  });

  it("may post what it likes to whoever listens: nobody does", async () => {
    const post = await program(`import { parentPort } from "node:worker_threads";
      export const task = (n) => { for (const message of [null, "text", { kind: "other" }]) parentPort.postMessage(message); return n; };`);
    expect(valuesOf(await run(openSlot(), slice(post, [1, 2])))).toEqual([1, 2]);
  });
});
