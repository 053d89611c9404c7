import { jsonBody } from "@skyburst/core/protocol";
import { StoreError } from "@skyburst/core";
import type { LogId } from "@skyburst/core/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { LogWriter } from "../../src/log/log-writer.ts";
import { factsOn, HeldStore, keys, told, VirtualRuntime } from "./harness.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const id = (offset: number): LogId => ({ s: 0, i: 0, t: 0, e: 1, offset, attempt: 1 });
const log0 = "0000000.000.0000.0000.0001.01";
const text = (of: string) => Buffer.from(of);

let runtime: VirtualRuntime;
let store: HeldStore;
let writer: LogWriter;
let failures: unknown[];

beforeEach(() => {
  runtime = new VirtualRuntime();
  store = new HeldStore(runtime);
  failures = [];
  writer = new LogWriter({
    facts: factsOn(store, runtime),
    keys,
    runtime,
    ttl: () => 60_000,
    storeNow: () => runtime.now,
    failed: (error) => failures.push(error),
  });
});

/** A follower that came now: of everything, or of one task. */
async function follow(name = "reader.a", task?: number): Promise<void> {
  await store.put(keys.follow(name, task), jsonBody({ v: 1 }));
  await store.put(keys.newestFollower, jsonBody({ v: 1, by: name, until: runtime.now + 60_000 }));
}

describe("a log that the store has no room for", () => {
  const full = new StoreError("full", "No space is left.");
  const refuse = () => {
    store.create = () => Promise.reject(full);
  };

  test("is lost alone, and says so: its worker goes on", async () => {
    const log = writer.open(id(0), 0, 4 * MiB);
    refuse();
    void log.add(1, Buffer.alloc(MiB));
    await runtime.pass(10);
    expect(log.lost).toBe(full);
    expect(log.add(1, text("more\n"))).toBeUndefined();
    const ride = await writer.end(log, MiB);
    expect(ride?.log).toMatchObject({ at: 0, dropped: MiB + 5 + 5 });
    expect(told(ride?.bytes ?? new Uint8Array())).toEqual([
      `2 \n… ${MiB + 5 + 5} bytes of output were dropped: No space is left.\n`,
    ]);
    expect(failures).toEqual([]);
  });
});

describe("a log that nobody follows", () => {
  test("costs nothing while nothing is printed", async () => {
    const log = writer.open(id(0), 0, MiB);
    await runtime.pass(100_000);
    expect(await writer.end(log, MiB)).toBeUndefined();
    expect(store.asked).toEqual([]);
    expect(runtime.waiting).toBe(0);
  });

  test("rides when it is short, one frame for what is printed to one channel", async () => {
    const log = writer.open(id(0), 0, MiB);
    for (const [channel, said] of [
      [1, "one\n"],
      [1, "two\n"],
      [2, "three\n"],
      [1, "four\n"],
    ] as const)
      void log.add(channel, text(said));
    const ride = await writer.end(log, MiB);
    expect(ride?.log).toEqual({ offset: 0, attempt: 1, at: 0, bytes: 34 });
    expect(told(ride?.bytes ?? new Uint8Array())).toEqual(["1 one\ntwo\n", "2 three\n", "1 four\n"]);
    expect(store.asked).toEqual([]);
  });

  test("becomes objects 1, 2, 4 … 30 s after what they begin with, and the rest rides behind their end mark", async () => {
    const log = writer.open(id(0), 0, MiB);
    const written: number[] = [];
    for (let second = 0; second < 100; second++) {
      void log.add(1, text(`${second}\n`));
      const before = Object.keys(store.logs()).length;
      await runtime.pass(1000);
      if (Object.keys(store.logs()).length > before) written.push(second + 1);
    }
    expect(written).toEqual([1, 3, 7, 15, 31, 61, 91]);
    const ride = await writer.end(log, MiB);
    const names = Object.keys(store.logs());
    expect(names.at(-1)).toBe(`${log0}/~end`);
    const sizes = names.slice(0, -1).map((name) => store.logs()[name] ?? 0);
    expect(ride?.log.at).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(names.slice(0, 2)).toEqual([`${log0}/000000000000`, `${log0}/000000000007`]);
  });

  test("is written when it has a megabyte, one object after the other, and who prints waits for the store", async () => {
    store.held = true;
    const log = writer.open(id(0), 0, 100 * MiB);
    const piece = new Uint8Array(256 * KiB).fill(120);
    let printed = 0;
    let waits: void | Promise<void> = undefined;
    for (; waits === undefined && printed < 100; printed++) waits = log.add(1, piece);
    // An object on its way, and four megabytes behind it.
    expect(printed).toBe(20);
    expect(store.asked).toEqual([`create log/${log0}/000000000000`]);
    store.held = false;
    await store.let();
    await waits;
    await runtime.pass(1);
    const ride = await writer.end(log, MiB);
    // Nothing rides, but that there is a log.
    expect(ride?.log).toEqual({ offset: 0, attempt: 1, at: 20 * 256 * KiB + 10, bytes: 0 });
    const sizes = Object.values(store.logs());
    expect(sizes.length).toBeLessThan(5);
    // Two objects, and the heads of their frames.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20 * 256 * KiB + 10);
  });

  test("gives way when the worker's memory for logs is full: the largest are written, and all who print go on", async () => {
    const logs = Array.from({ length: 64 }, (_, offset) => writer.open(id(offset), offset, 100 * MiB));
    const waits = logs.flatMap((log) => log.add(1, new Uint8Array(700 * KiB)) ?? []);
    expect(waits.length).toBeGreaterThan(0);
    await runtime.pass(0);
    await Promise.all(waits);
    expect(Object.keys(store.logs()).length).toBeGreaterThan(10);
    expect(failures).toEqual([]);
  });
});

describe("a log that is followed", () => {
  test("is written soon after somebody came, and at once from then on", async () => {
    const log = writer.open(id(0), 0, MiB);
    await runtime.pass(20_000);
    void log.add(1, text("early\n"));
    await runtime.pass(500);
    expect(store.logs()).toEqual({});
    await follow();
    await runtime.pass(1300);
    expect(store.logs()).toEqual({ [`${log0}/000000000000`]: 11 });
    await runtime.pass(20_000);
    await follow();
    void log.add(1, text("later\n"));
    await runtime.pass(150);
    expect(Object.keys(store.logs())).toHaveLength(2);
  });

  test("is not, when another task is", async () => {
    await follow("reader.a", 1);
    const [mine, other] = [writer.open(id(0), 0, MiB), writer.open(id(1), 1, MiB)];
    void mine.add(1, text("mine\n"));
    void other.add(1, text("other\n"));
    await runtime.pass(900);
    expect(Object.keys(store.logs())).toEqual(["0000000.000.0001.0000.0001.01/000000000000"]);
  });

  test.each(["no JSON", "null", "{}", '{"by":1,"until":"x"}'])("is not, when the hint says %s", async (hint) => {
    await store.put(keys.newestFollower, text(hint));
    const log = writer.open(id(0), 0, MiB);
    void log.add(1, text("x"));
    await runtime.pass(900);
    expect(store.logs()).toEqual({});
    expect(failures).toEqual([]);
  });

  test("is written seldom again when its follower was killed", async () => {
    const log = writer.open(id(0), 0, MiB);
    await follow();
    void log.add(1, text("a"));
    await runtime.pass(70_000);
    const before = Object.keys(store.logs()).length;
    void log.add(1, text("b"));
    await runtime.pass(1900);
    expect(Object.keys(store.logs())).toHaveLength(before);
    await runtime.pass(200);
    expect(Object.keys(store.logs())).toHaveLength(before + 1);
  });

  test("costs one read each 1.25 s, and only while something is not written", async () => {
    const log = writer.open(id(0), 0, MiB);
    for (let second = 0; second < 60; second++) {
      void log.add(1, text("x"));
      await runtime.pass(1000);
    }
    const reads = store.asked.filter((one) => one === "get follow/newest").length;
    expect(reads).toBeGreaterThan(40);
    expect(reads).toBeLessThanOrEqual(49);
    await runtime.pass(60_000);
    const after = store.asked.length;
    await runtime.pass(60_000);
    expect(store.asked).toHaveLength(after);
    expect(store.asked.some((one) => one.startsWith("list"))).toBe(false);
    await writer.end(log, MiB);
  });
});

describe("a task that prints too much", () => {
  test("has its first bytes kept, and a mark where the others are missing that says how many", async () => {
    const log = writer.open(id(0), 0, 10);
    void log.add(1, text("123456"));
    void log.add(2, text("789012"));
    void log.add(1, new Uint8Array(1000));
    const ride = await writer.end(log, MiB);
    expect(told(ride?.bytes ?? new Uint8Array())).toEqual([
      "1 123456",
      "2 7890\n… From here on output is dropped: a task may print 10 bytes (logLimit).\n… 1002 bytes of output were dropped.\n",
    ]);
  });

  test("doesn't wait for the store any more, and takes no memory", async () => {
    store.held = true;
    const log = writer.open(id(0), 0, 5 * MiB);
    const piece = new Uint8Array(MiB);
    for (let n = 0; n < 5; n++) void log.add(1, piece);
    expect(Array.from({ length: 100 }, () => log.add(1, piece)).filter((wait) => wait !== undefined)).toEqual([]);
    expect(log.pending).toBeLessThan(5 * MiB);
  });
});

test("a log that can't be stored is told, and ends nobody's wait for ever", async () => {
  store.create = () => Promise.reject(new Error("the disk is full"));
  const log = writer.open(id(0), 0, 100 * MiB);
  void log.add(1, new Uint8Array(2 * MiB));
  await runtime.pass(1);
  expect(String(failures[0])).toContain("the disk is full");
});

test("nothing is written after it was closed", async () => {
  const log = writer.open(id(0), 0, MiB);
  void log.add(1, text("x"));
  writer.close();
  await runtime.pass(10_000);
  expect(store.asked).toEqual([]);
  expect(runtime.waiting).toBe(0);
});
