import { describe, expect, it } from "vitest";
import type { Finished } from "../../src/thread/slice.ts";
import { openSlot, program, run, slice, sorted, valuesOf } from "./harness.ts";

const echo = "export const task = (n) => n;";

describe("a time limit", () => {
  it("ends a task that never yields, and nothing else: results before it are kept, the next slice goes on", async () => {
    const loop = await program("export function task(n) { if (n === 2) for (;;); return n; }");
    const slot = openSlot();
    const [first, second] = await Promise.all([
      run(slot, slice(loop, [0, 1, 2, 3], { timeout: 400 })),
      run(slot, slice(loop, [7, 8], { timeout: 400 })),
    ]);
    expect(first.failed.get(2)).toMatchObject({
      blame: "timeout",
      error: { name: "TimeoutError", message: expect.stringContaining("400ms") },
    });
    expect(valuesOf(first)).toEqual([0, 1]);
    expect(first).toMatchObject({ unstarted: [3], aborted: [] });
    expect(valuesOf(second)).toEqual([7, 8]);
  });

  it("lets the signal fire; a task that heeds it has failed, and its thread lives on", async () => {
    const wait = await program(`
      let lives = 0;
      export async function task(n, { signal }) {
        if (n !== 1) return ++lives;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        globalThis.reason = signal.reason.name;
        return "too late"; }`);
    const ran = await run(openSlot(), slice(wait, [0, 1, 2], { timeout: 400 }));
    expect(ran.failed.get(1)).toMatchObject({ blame: "timeout" });
    expect(valuesOf(ran)).toEqual([1, 2]);
  });

  it("ends a task that waits and does not heed the signal; what ran beside it may run again", async () => {
    const wait = await program(`export const task = (n, { signal }) => n === 0
      ? new Promise(() => setInterval(() => {}, 1000))
      : new Promise((resolve) => signal.addEventListener("never", resolve));`);
    const leave = new AbortController();
    const finished: Finished[] = [];
    const end = await openSlot().run(slice(wait, [0], { timeout: 20 }), (one) => void finished.push(one), {
      signal: leave.signal,
    });
    expect(sorted(finished).failed.get(0)?.blame).toBe("timeout");
    expect(end).toEqual({ unstarted: [], aborted: [] });
  });

  it("costs the others in flight nothing but another start", async () => {
    const mixed = await program(`
      export function task(n) { if (n === 0) return new Promise(() => {}); if (n === 3) for (;;); return n; }`);
    const ran = await run(openSlot(), slice(mixed, [0, 1, 2, 3, 4], { timeout: 400, concurrency: 2 }));
    const blamed = [...ran.failed.values()].map(({ blame }) => blame);
    expect(blamed.every((blame) => blame === "timeout")).toBe(true);
    expect(ran.failed.has(3)).toBe(true);
    expect(valuesOf(ran)).toEqual([1, 2]);
    expect(ran.failed.size + ran.lines.size + ran.unstarted.length).toBe(5);
  });
});

describe("a thread that ends", () => {
  it("by process.exit fails the task that called it, with where it did", async () => {
    const quit = await program(
      "export function task(n) { if (n === 1) leave(); return n; }\nfunction leave() { process.exit(3); }",
    );
    const slot = openSlot();
    const ran = await run(slot, slice(quit, [0, 1, 2]));
    expect(ran.failed.get(1)).toMatchObject({
      blame: "user",
      error: { message: expect.stringContaining("process.exit(3)") },
    });
    expect(ran.failed.get(1)?.error.stack).toContain("at leave");
    expect(ran.unstarted).toEqual([2]);
    expect(valuesOf(ran)).toEqual([0]);
    expect(valuesOf(await run(slot, slice(await program(echo), [9])))).toEqual([9]);
  });

  it("by an uncaught error fails the task that runs", async () => {
    const leftover = await program(`export const task = (n) => n === 0 ? 0 : new Promise(() => {
      setImmediate(() => { throw new Error("from a callback"); }); });`);
    const ran = await run(openSlot(), slice(leftover, [0, 1, 2]));
    expect(ran.failed.get(1)).toMatchObject({ blame: "user", error: { message: "from a callback" } });
    expect(ran).toMatchObject({ unstarted: [2], aborted: [] });
  });

  it("by an uncaught error among several fails the one whose it is", async () => {
    const leftover = await program(`export const task = (n) => new Promise((resolve) => {
      if (n === 1) Promise.reject(new Error("forgotten")); });`);
    const ran = await run(openSlot(), slice(leftover, [0, 1, 2], { concurrency: 3 }));
    expect([...ran.failed.keys()]).toEqual([1]);
    expect(ran.unstarted).toEqual([0, 2]);
  });

  it("for lack of memory fails the task that ran", async () => {
    const hoard = await program(`const kept = []; export function task(n) {
      if (n === 1) for (;;) kept.push(new Array(10_000).fill(Math.random())); return n; }`);
    const slot = openSlot({ memory: 24 });
    const ran = await run(slot, slice(hoard, [0, 1, 2]));
    expect(ran.failed.get(1)).toMatchObject({ blame: "oom", error: { code: "ERR_WORKER_OUT_OF_MEMORY" } });
    expect(valuesOf(ran)).toEqual([0]);
    expect(ran.unstarted).toEqual([2]);
    expect(valuesOf(await run(slot, slice(await program(echo), [9])))).toEqual([9]);
  });

  it("unseen, by its own means, still has somebody to blame", async () => {
    const quit = await program("export function task(n) { if (n === 1) process.reallyExit(9); return n; }");
    const ran = await run(openSlot(), slice(quit, [0, 1, 2]));
    expect(ran.failed.get(1)).toMatchObject({
      blame: "user",
      error: { message: expect.stringContaining("exit code 9") },
    });
    expect(valuesOf(ran)).toEqual([0]);
  });

  it("before its other lanes began blames nobody there", async () => {
    const quit = await program("export const task = () => process.reallyExit(9);");
    const ran = await run(openSlot(), slice(quit, [0, 1, 2], { concurrency: 3 }));
    expect(ran.finished.map(({ kind, position }) => [kind, position])).toEqual([["failed", 0]]);
    expect(ran.unstarted).toEqual([1, 2]);
  });

  it("before it is up is an error of the slot, not of a task, and the next slice tries again", async () => {
    const slot = openSlot({ source: "process.exit(3)" });
    const task = slice(await program(echo), [1]);
    for (const _ of [1, 2]) await expect(run(slot, task)).rejects.toMatchObject({ name: "WorkerError", code: "boot" });
  });
});

describe("an error after its task had ended", () => {
  it("is told to the worker, and costs nobody anything", async () => {
    const { promise, resolve } = deferred();
    const late = await program(
      `export function task() { setImmediate(() => { throw new Error("leftover"); }); return 1; }`,
    );
    const slot = openSlot({ stray: (bytes) => resolve(Buffer.from(bytes).toString()) });
    expect(valuesOf(await run(slot, slice(late, [0])))).toEqual([1]);
    expect(await promise).toContain("leftover");
  });
});

function deferred(): { promise: Promise<string>; resolve: (text: string) => void } {
  let resolve: (text: string) => void = () => undefined;
  const promise = new Promise<string>((done) => (resolve = done));
  return { promise, resolve };
}
