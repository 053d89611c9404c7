import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { blobParts, decodeBlob, decodeInline, inputLine, serializer } from "@skyburst/core/serializer";
import { Shared } from "@skyburst/core";
import { describe, expect, it } from "vitest";
import type { Finished } from "../../src/thread/slice.ts";
import { openSlot, program, run, slice, sorted, valuesOf } from "./harness.ts";

const numbers = Array.from({ length: 1000 }, (_, n) => n);

describe("results", () => {
  it("come as outcome lines in the order of the inputs", async () => {
    const double = await program("export const task = (n) => n * 2;");
    const ran = await run(openSlot(), slice(double, numbers, { index: 5000, task: 70_000 }));
    expect(valuesOf(ran)).toEqual(numbers.map((n) => n * 2));
    expect(ran.lines.get(999)).toEqual({
      index: 5999,
      task: 70_999,
      status: "succeeded",
      value: 1998,
      attempts: 1,
      seconds: expect.any(Number),
    });
    expect(ran).toMatchObject({ unstarted: [], aborted: [] });
  });

  it("tell how long they took even where a task puts a clock of its own in place of the thread's", async () => {
    const fake = await program(`
      const clock = performance;
      export const task = (n) => { clock.now = () => Number.NaN; globalThis.performance = undefined; return n; }`);
    const ran = await run(openSlot(), slice(fake, [1, 2]));
    expect(valuesOf(ran)).toEqual([1, 2]);
  });

  it("of async tasks, one at a time and many at a time, are all there", async () => {
    const wait = await program(`
      import { setImmediate } from "node:timers/promises";
      export async function task(n) { if (n % 3 === 0) await setImmediate(); return [n]; }`);
    for (const concurrency of [1, 8, 5000]) {
      const ran = await run(openSlot(), slice(wait, numbers, { concurrency }));
      expect(valuesOf(ran)).toEqual(numbers.map((n) => [n]));
    }
  });

  it("of up to `concurrency` tasks are in flight together", async () => {
    const meet = await program(`
      let here = 0; let open; const all = new Promise((resolve) => (open = resolve));
      export async function task() { if (++here === 4) open(); await all; return here; }`);
    const ran = await run(openSlot(), slice(meet, [1, 2, 3, 4], { concurrency: 4 }));
    expect(valuesOf(ran)).toEqual([4, 4, 4, 4]);
  });

  it("name index, task and attempt of positions that are not consecutive", async () => {
    const tell = await program("export const task = (input, { index, attempt }) => ({ input, index, attempt });");
    const ran = await run(
      openSlot(),
      slice(tell, ["a", "b"], { index: 100, task: 200, offsets: [3, 7], attempts: [1, 4] }),
    );
    expect([...ran.lines.values()]).toMatchObject([
      { index: 103, task: 203, attempts: 1, value: { input: "a", index: 103, attempt: 1 } },
      { index: 107, task: 207, attempts: 4, value: { input: "b", index: 107, attempt: 4 } },
    ]);
  });

  it("are snapshots: what a later task changes does not change them", async () => {
    const push = await program("const all = []; export const task = (n) => { all.push(n); return all; };");
    expect(valuesOf(await run(openSlot(), slice(push, [1, 2, 3])))).toEqual([[1], [1, 2], [1, 2, 3]]);
  });

  it("keep characters of every length in UTF-8", async () => {
    const texts = ["plain", "é", "漢字", "🎈", "\u2028", 'a"b\\c\n'];
    const echo = await program("export const task = (text) => text;");
    expect(valuesOf(await run(openSlot(), slice(echo, texts)))).toEqual(texts);
  });

  it("carry what JSON cannot say, in and out", async () => {
    const values = [new Map([[1, new Date(0)]]), 12n, undefined, Uint8Array.of(1, 2, 3), -0];
    const echo = await program("export const task = (value) => [value, typeof value];");
    const encoded = values.map((value) => inputLine(serializer.encode(value)));
    const inputs = Buffer.from(`${encoded.map(({ line }) => line).join("\n")}\n`);
    const rich = encoded.flatMap((line, position) => (line.rich ? [position] : []));
    const ran = await run(openSlot(), { ...slice(echo, []), inputs, count: values.length, rich });
    const back = [...ran.lines.values()].map((line) =>
      decodeInline(line as Parameters<typeof decodeInline>[0], serializer),
    );
    expect(back).toEqual(values.map((value) => [value, typeof value]));
  });

  it("without a value are `undefined`", async () => {
    const nothing = await program("export function task() {}");
    const ran = await run(openSlot(), slice(nothing, [1, 2]));
    expect([...ran.lines.values()].map((line) => "value" in line)).toEqual([false, false]);
  });

  it("over the inline limit come as the parts of a blob, in their place", async () => {
    const grow = await program(
      `export const task = (n) => n === 1 ? new Uint8Array(1_000_000).fill(7) : "x".repeat(n);`,
    );
    const ran = await run(openSlot(), slice(grow, [10, 1, 300_000, 20]));
    expect([...ran.lines.keys()]).toEqual([0, 3]);
    const blobs = ran.finished.flatMap((one) => (one.kind === "large" ? [Buffer.concat(one.parts)] : []));
    const [bytes, text] = blobs.map((blob) => decodeBlob(blob, serializer));
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect(Buffer.alloc(1_000_000, 7).equals(bytes as Uint8Array)).toBe(true);
    expect(text).toBe("x".repeat(300_000));
  });

  it("of more text than the thread holds back are all there", async () => {
    const grow = await program(`export const task = (n) => String(n).padEnd(50_000, "é");`);
    const many = numbers.slice(0, 100);
    const ran = await run(openSlot(), slice(grow, many));
    expect(valuesOf(ran)).toEqual(many.map((n) => String(n).padEnd(50_000, "é")));
  });

  it("leave a thread that computes on, before its slice is over, and are told once", async () => {
    const hold = await program(`
      import { existsSync } from "node:fs";
      export function task(gate) {
        console.log("before");
        if (gate) while (!existsSync(gate));
        console.log("after");
        return 1; }`);
    const gate = join(dirname(hold.path), "gate");
    const early: Finished[] = [];
    const all: Finished[] = [];
    await openSlot().run(slice(hold, ["", gate, ""]), (one) => {
      all.push(one);
      if (!existsSync(gate)) early.push(one);
      // Whatever the thread posts comes after this: until then the gate is shut.
      if (one.kind === "lines") writeFileSync(gate, "");
    });
    expect(early.map(({ kind, position }) => [kind, position])).toContainEqual(["lines", 0]);
    const ran = sorted(all);
    expect(all.flatMap((one) => (one.kind === "lines" ? [one.count] : [])).reduce((sum, count) => sum + count)).toBe(3);
    for (const position of [0, 1, 2]) expect(ran.log(position, 1)).toBe("before\nafter\n");
  });
});

describe("inputs", () => {
  it("are handed over as blobs where they are large", async () => {
    const parts = Buffer.concat(blobParts(serializer.encode({ at: new Date(5), list: [1, 2] })));
    const sha256 = createHash("sha256").update(parts).digest("hex");
    const tell = await program("export const task = ({ at, list }) => at.getTime() + list.length;");
    const more = { rich: [1], blobs: new Map([[sha256, new Uint8Array(parts)]]) };
    const ran = await run(
      openSlot(),
      slice(
        tell,
        [
          { at: 1, list: [] },
          { blob: sha256, bytes: parts.length },
        ],
        more,
      ),
    );
    expect(ran.failed.get(0)?.error.message).toContain("getTime");
    expect(ran.lines.get(1)?.value).toBe(7);
  });

  it("with handles of shared values arrive with the values, fetched once", async () => {
    const stored = Buffer.concat(blobParts(serializer.encode(new Map([["a", 1]]))));
    const handle = new Shared<Map<string, number>>("ab".repeat(32), stored.length);
    const asked: string[] = [];
    const slot = openSlot({
      shared: async (sha256) => {
        asked.push(sha256);
        await setImmediate();
        return stored;
      },
    });
    const tell = await program(`
      let seen; export async function task({ table, handle }, ctx) {
        seen ??= table; return [table.get("a"), table === seen, (await ctx.get({ sha256: handle })) === seen];
      }`);
    const lines = [1, 2].map(() => inputLine(serializer.encode({ table: handle, handle: handle.sha256 })).line);
    const inputs = Buffer.from(lines.join("\n"));
    const ran = await run(slot, { ...slice(tell, []), inputs, count: 2, rich: [0, 1], concurrency: 2 });
    expect(valuesOf(ran)).toEqual([
      [1, true, true],
      [1, true, true],
    ]);
    expect(asked).toEqual([handle.sha256]);
  });

  it("whose shared value cannot be had fail, and say so", async () => {
    const get = await program(`export const task = (sha256, ctx) => ctx.get({ sha256 });`);
    const ran = await run(openSlot(), slice(get, ["cd".repeat(32)]));
    expect(ran.failed.get(0)?.error.message).toMatch(
      /shared value cdcdcdcdcdcd could not be fetched: nothing is stored/,
    );
    expect(ran.failed.get(0)?.blame).toBe("infrastructure");
  });

  it("on shared memory are used where they are, and a view is only its own part", async () => {
    const echo = await program("export const task = (n) => n;");
    const memory = Buffer.from(new SharedArrayBuffer(16));
    memory.write("9\n1\n2\n3\n9\n");
    const ran = await run(openSlot(), { ...slice(echo, []), inputs: memory.subarray(2, 8), count: 3 });
    expect(valuesOf(ran)).toEqual([1, 2, 3]);
    const view = Buffer.from("7\n8\n9\n").subarray(2);
    expect(valuesOf(await run(openSlot(), { ...slice(echo, []), inputs: view, count: 2 }))).toEqual([8, 9]);
  });
});
