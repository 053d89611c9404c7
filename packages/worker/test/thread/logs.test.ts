import { describe, expect, it } from "vitest";
import type { Finished } from "../../src/thread/slice.ts";
import { openSlot, program, run, slice, sorted } from "./harness.ts";

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

  const flooding = `export function task() {
    const line = "x".repeat(1_000_000); for (let n = 0; n < 12; n++) process.stdout.write(line); }`;

  it("waits when it is a megabyte ahead of who keeps it", async () => {
    let untaken = 0;
    let most = 0;
    const finished: Finished[] = [];
    const taking = (one: Finished) => {
      finished.push(one);
      if (one.kind !== "log") return undefined;
      untaken += one.bytes.length;
      most = Math.max(most, untaken);
      return new Promise<void>((resolve) => {
        setImmediate(() => {
          untaken -= one.bytes.length;
          resolve();
        });
      });
    };
    await openSlot().run(slice(await program(flooding), [0]), taking);
    expect(sorted(finished).log(0, 1)).toHaveLength(12_000_000);
    expect(most).toBeLessThan(1_400_000);
  });

  it("is ended while it waits for somebody to keep it", async () => {
    const finished: Finished[] = [];
    const never = (one: Finished) => {
      finished.push(one);
      return one.kind === "log" ? new Promise<void>(() => undefined) : undefined;
    };
    await openSlot().run(slice(await program(flooding), [0], { timeout: 50 }), never);
    expect(sorted(finished).failed.get(0)?.blame).toBe("timeout");
    expect(sorted(finished).log(0, 1).length).toBeLessThan(1_400_000);
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
