import { describe, expect, it } from "vitest";
import type { Finished } from "../../src/thread/slice.ts";
import { openSlot, program, run, slice } from "./harness.ts";

describe("what a task prints", () => {
  it("is told apart by task and channel, before the outcome, also when the task throws", async () => {
    const talk = await program(`export function task(n, { log }) {
      console.log("out", n); console.error("err", n); log("log", { n }); process.stdout.write(Uint8Array.of(0xff, 0, 10));
      if (n === 1) throw new Error("after talking"); }`);
    const ran = await run(openSlot(), slice(talk, [0, 1]));
    for (const n of [0, 1]) {
      expect(ran.log(n, 2)).toBe(`err ${n}\n`);
      expect(ran.log(n, 3)).toBe(`log { n: ${n} }\n`);
    }
    const out = ran.finished.flatMap((one) =>
      one.kind === "log" && one.channel === 1 && one.position === 1 ? [one.bytes] : [],
    );
    expect(Buffer.concat(out)).toEqual(Buffer.from("out 1\n\xff\x00\n", "latin1"));
    const kinds = ran.finished.map(({ kind, position }) => `${kind} ${position}`);
    expect(kinds.lastIndexOf("log 1")).toBeLessThan(kinds.indexOf("failed 1"));
    expect(kinds.lastIndexOf("log 0")).toBeLessThan(kinds.indexOf("lines 0"));
  });

  it("is attributed to the right one of several in flight", async () => {
    const talk = await program(`import { setImmediate } from "node:timers/promises";
      export async function task(n) { for (const part of ["a", "b", "c"]) { await setImmediate(); console.log(part + n); } }`);
    const ran = await run(openSlot(), slice(talk, [0, 1, 2, 3, 4], { concurrency: 3 }));
    for (const n of [0, 1, 2, 3, 4]) expect(ran.log(n, 1)).toBe(`a${n}\nb${n}\nc${n}\n`);
  });

  it("is kept when the task is killed", async () => {
    const talk = await program("export function task() { console.log('last words'); for (;;); }");
    const ran = await run(openSlot(), slice(talk, [0], { timeout: 30 }));
    expect(ran.failed.get(0)?.blame).toBe("timeout");
    expect(ran.log(0, 1)).toBe("last words\n");
  });

  it("leaves a thread that is blocked while it is", async () => {
    const talk = await program("export function task() { console.log('still here'); for (;;); }");
    const leave = new AbortController();
    const first = await new Promise<Finished>((resolve) => {
      void openSlot().run(slice(talk, [0]), resolve, { signal: leave.signal });
    });
    leave.abort();
    expect(first).toMatchObject({ kind: "log", position: 0, bytes: Buffer.from("still here\n") });
  });

  it("is cut at ten megabytes, with a mark", async () => {
    const flood = await program(`export function task() {
      const line = "x".repeat(1_000_000); for (let n = 0; n < 12; n++) process.stdout.write(line); }`);
    const ran = await run(openSlot(), slice(flood, [0]));
    expect(ran.log(0, 1)).toHaveLength(10_000_000);
    expect(ran.log(0, 2)).toContain("2000000 bytes dropped");
    expect(ran.lines.size).toBe(1);
  });

  it("calls back whoever waits for the write", async () => {
    const wait = await program(
      `export const task = () => new Promise((resolve) => process.stdout.write("x", () => resolve("written")));`,
    );
    const ran = await run(openSlot(), slice(wait, [0]));
    expect(ran.lines.get(0)?.value).toBe("written");
  });

  it("after it has ended goes to the worker", async () => {
    const late = await program("export function task(n, { log }) { setImmediate(() => log('late', n)); return n; }");
    const told = await new Promise<string>((resolve) => {
      const slot = openSlot({ stray: (bytes) => resolve(Buffer.from(bytes).toString()) });
      void run(slot, slice(late, [7]));
    });
    expect(told).toBe("late 7\n");
  });
});
