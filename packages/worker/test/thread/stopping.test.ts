import { describe, expect, it } from "vitest";
import type { Finished, RunOptions, Slice, SliceEnd, Slot } from "../../src/thread/slice.ts";
import { openSlot, program, slice, sorted, run, valuesOf } from "./harness.ts";

/** Prints, so that the test knows that it runs, and then does as its input says. */
const behave = `
  export async function task(how, ctx) {
    ctx.log(how);
    if (how === "block") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (how === "deaf") await new Promise(() => {});
    if (how === "heed") await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));
    if (how === "finish") await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    if (how === "ask") await ctx.get({ sha256: "asked" }).catch(() => {});
    return how; }`;

/** Runs until the task at `position` says that it runs. */
async function runUntil(slot: Slot, of: Slice, position: number, options: RunOptions) {
  const finished: Finished[] = [];
  let end: Promise<SliceEnd> | undefined;
  await new Promise<void>((resolve) => {
    end = slot.run(
      of,
      (one) => {
        finished.push(one);
        if (one.kind === "log" && one.position === position) resolve();
      },
      options,
    );
  });
  return { finished, end: end! };
}

describe("aborting a slice", () => {
  it("lets the signal fire: who rejects is aborted, who succeeds has succeeded, who did not start is unstarted", async () => {
    const of = slice(await program(behave), ["now", "heed", "finish", "now"], { concurrency: 2 });
    const leave = new AbortController();
    const { finished, end } = await runUntil(openSlot(), of, 2, { signal: leave.signal, grace: 60_000 });
    leave.abort();
    expect(await end).toEqual({ unstarted: [3], aborted: [1] });
    expect([...sorted(finished).lines.keys()]).toEqual([0, 2]);
  });

  it.each(["deaf", "block"])("kills a task that is %s after the grace time, and the slot goes on", async (how) => {
    const of = slice(await program(behave), ["now", how, "now"]);
    const leave = new AbortController();
    const slot = openSlot();
    const { finished, end } = await runUntil(slot, of, 1, { signal: leave.signal, grace: 10 });
    leave.abort();
    expect(await end).toEqual({ unstarted: [2], aborted: [1] });
    expect([...sorted(finished).lines.keys()]).toEqual([0]);
    expect(valuesOf(await run(slot, slice(of.program, ["again"])))).toEqual(["again"]);
  });

  it("that waits behind another ends at once, and never runs", async () => {
    const of = slice(await program(behave), ["finish"]);
    const slot = openSlot();
    const first = new AbortController();
    const second = new AbortController();
    const { end } = await runUntil(slot, of, 0, { signal: first.signal, grace: 60_000 });
    const behind = run(slot, slice(of.program, ["now", "now"]), { signal: second.signal });
    second.abort();
    expect(await behind).toMatchObject({ unstarted: [0, 1], aborted: [], finished: [] });
    first.abort();
    expect(await end).toEqual({ unstarted: [], aborted: [] });
  });

  it("before it was given runs nothing", async () => {
    const ran = await run(openSlot(), slice(await program(behave), ["now"]), { signal: AbortSignal.abort() });
    expect(ran).toMatchObject({ unstarted: [0], aborted: [], finished: [] });
  });
});

describe("draining a slice", () => {
  it("starts nothing more and lets what runs end", async () => {
    const of = slice(await program(behave), ["ask", "now"]);
    const drain = new AbortController();
    let answer: (error: Error) => void = () => {};
    const asked = new Promise<Uint8Array>((_, reject) => (answer = reject));
    // The thread may ask for it only after it was answered.
    asked.catch(() => undefined);
    const { finished, end } = await runUntil(openSlot({ shared: () => asked }), of, 0, { drain: drain.signal });
    drain.abort();
    answer(new Error("there is no such value"));
    expect(await end).toEqual({ unstarted: [1], aborted: [] });
    expect([...sorted(finished).lines.keys()]).toEqual([0]);
  });
});

describe("closing a slot", () => {
  it("ends what runs, and what is behind has not started", async () => {
    const of = slice(await program(behave), ["block", "now"]);
    const slot = openSlot();
    const { end } = await runUntil(slot, of, 0, {});
    const behind = run(slot, of);
    await slot.close();
    expect(await end).toEqual({ unstarted: [1], aborted: [0] });
    expect(await behind).toMatchObject({ unstarted: [0, 1], aborted: [] });
    await expect(run(slot, of)).rejects.toMatchObject({ code: "closed" });
    await slot.close();
  });
});

describe("too many slices at a time", () => {
  it("are refused", async () => {
    const of = slice(await program("export const task = (n) => n;"), [1]);
    const slot = openSlot();
    const taken = Array.from({ length: 8 }, () => run(slot, of));
    await expect(run(slot, of)).rejects.toMatchObject({ code: "busy", retryable: true });
    expect((await Promise.all(taken)).map(valuesOf)).toEqual(taken.map(() => [1]));
  });
});
