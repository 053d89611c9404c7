import { fork, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StateStore } from "@skyburst/core";
import { expect, test } from "vitest";
import { directory } from "../src/index.ts";
import { afterwards, emptyDirectory } from "./place.ts";

test("of 64 creates of one key by 8 processes exactly one wins, on each of 50 keys", async () => {
  const path = emptyDirectory();
  const racers = await Promise.all(Array.from({ length: 8 }, (_, at) => racer(path, `racer-${at}`)));
  const store = directory(path);

  for (let key = 0; key < 50; key += 1) {
    const answers = await Promise.all(racers.map((ask) => ask({ key: `race/${key}`, same: false })));
    expect(answers.reduce((sum, answer) => sum + answer.total, 0)).toBe(64);
    const winners = answers.flatMap((answer) => answer.won);
    expect(winners).toHaveLength(1);
    expect(new TextDecoder().decode(await store.get(`race/${key}`))).toBe(winners[0]);
  }
  expect(readdirSync(`${path}/.tmp`)).toEqual([]);
});

test("of 64 creates of the same bytes by 8 processes each is true, on each of 50 keys", async () => {
  const path = emptyDirectory();
  const racers = await Promise.all(Array.from({ length: 8 }, (_, at) => racer(path, `racer-${at}`)));
  for (let key = 0; key < 50; key += 1) {
    const answers = await Promise.all(racers.map((ask) => ask({ key: `race/${key}`, same: true })));
    expect(answers.reduce((sum, answer) => sum + answer.won.length, 0)).toBe(64);
  }
});

test("directories that one process prunes are made again by another that creates in them", async () => {
  const path = emptyDirectory();
  const store = directory(path);
  const pruner = spawn(process.execPath, [fixture("pruner.mjs"), path], { stdio: ["ignore", "pipe", "inherit"] });
  afterwards(() => pruner.kill("SIGKILL"));
  await once(pruner.stdout, "data");

  for (let at = 0; at < 1000; at += 1) {
    expect(await store.create(`a/b/c/${at}`, new Uint8Array(1))).toBe(true);
    expect((await store.get(`a/b/c/${at}`))?.length).toBe(1);
    await store.delete([`a/b/c/${at}`]);
  }
  expect(pruner.exitCode).toBe(null);
});

test("a process killed at any moment leaves nothing half-written to be read", async () => {
  const path = emptyDirectory();
  const store = directory(path);
  for (let round = 0; round < 20; round += 1) {
    const finished = await killedAfter(path, store, round);
    for (const key of finished) expect(whole(await store.get(key))).toBe(true);
    for await (const page of store.list(`big/${round}/`)) {
      for (const entry of page.entries) {
        const bytes = await store.get(entry.key);
        expect(whole(bytes)).toBe(true);
        expect(entry.size).toBe(bytes?.length);
      }
    }
    expect(whole(await store.get("hint/last"))).not.toBe(false);
  }
});

interface Question {
  readonly key: string;
  readonly same: boolean;
}

interface Answer {
  /** The bodies whose create was true. */
  readonly won: readonly string[];
  readonly total: number;
}

/** A process that creates what it is asked to. */
async function racer(path: string, name: string): Promise<(question: Question) => Promise<Answer>> {
  const child = fork(fixture("racer.mjs"), [path, name]);
  afterwards(() => child.kill("SIGKILL"));
  await once(child, "message");
  return async (question) => {
    const answered: Promise<Answer[]> = once(child, "message");
    child.send(question);
    const [answer] = await answered;
    if (answer === undefined) throw new Error("the racer said nothing");
    return answer;
  };
}

/**
 * Lets a writer work and kills it at its `round`-th word, looking at what it is busy with at every word.
 * Resolves to the keys whose end it told.
 */
async function killedAfter(path: string, store: StateStore, round: number): Promise<string[]> {
  const child = spawn(process.execPath, [fixture("writer.mjs"), path, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  afterwards(() => child.kill("SIGKILL"));
  const exited = once(child, "exit");
  const finished: string[] = [];
  let words = 0;
  for await (const line of createInterface(child.stdout)) {
    const [word, key = ""] = line.split(" ");
    if (word === "end") finished.push(key);
    // While the writer goes on: there is nothing yet, or all of it.
    expect(whole(await store.get(key))).not.toBe(false);
    expect(whole(await store.get("hint/last"))).not.toBe(false);
    words += 1;
    if (words === round + 1) child.kill("SIGKILL");
  }
  await exited;
  expect(child.signalCode).toBe("SIGKILL");
  return finished;
}

/** Whether the checksum fits; `undefined` when there is no object. */
function whole(bytes: Uint8Array | undefined): boolean | undefined {
  if (bytes === undefined) return undefined;
  const sum = createHash("sha256").update(bytes.subarray(32)).digest();
  return sum.equals(bytes.subarray(0, 32));
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}
