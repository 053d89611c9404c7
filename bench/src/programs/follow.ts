import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import type { S3Options } from "@skyburst/state-s3";

/**
 * A task that prints a line whenever it is told to, on a directory (`directory`) or on S3 (the store's options as JSON), and
 * `skyburst logs -f` on it, started as a user does. Prints, as JSON, how many milliseconds after it was written a line was shown: each
 * of so many, in a pause of so many milliseconds, when the follower is there (`waiting`); and the first one of a follower that came
 * a moment before it (`arrived`). And how long after its own start a follower shows a line that was written long before it (`late`).
 */
const [place = "directory", skyburst = "", count = "1", pause = "1000"] = process.argv.slice(2);
const store = place === "directory" ? directory(".skyburst") : s3(JSON.parse(place) as S3Options);
const session = await open({ backend: local(), store, workers: 1, spec: { slots: 1 } });
const orders = process.cwd();
const printing = session.map(printOnOrder, [orders]).values();
let ordered = 0;

const early = await order();
await quiet();
const first = follow();
const late = (await first.shown(early)) - first.started;
first.end();
await quiet();

const second = follow();
await second.shown(early);
const arrived = await latency(second);
const waiting: number[] = [];
for (let n = 0; n < Number(count); n++) {
  await quiet();
  waiting.push(await latency(second));
}
writeFileSync(join(orders, "end"), "");
const [printed] = await printing;
await second.ended;
await session.close();
await store.close?.();
if (printed !== ordered || second.lines !== ordered) throw new Error(`${second.lines} of ${printed} lines were shown.`);
process.stdout.write(JSON.stringify({ late, arrived, waiting }));

/** Has the task print a line; its number. */
async function order(): Promise<number> {
  writeFileSync(join(orders, `order-${ordered}`), "");
  return ordered++;
}

async function latency(follower: ReturnType<typeof follow>): Promise<number> {
  const number = await order();
  const shown = await follower.shown(number);
  return shown - follower.written(number);
}

/** Long enough for whoever looks ever more seldom to do so. */
async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Number(pause) * (0.5 + Math.random())));
}

/** A follower, and when which line was written and shown, in milliseconds since the epoch. */
function follow() {
  const started = Date.now();
  const child = spawn(process.execPath, [skyburst, "logs", session.id, "-f", "--store", address()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const times = new Map<number, { readonly written: number; readonly shown: number }>();
  const waiting = new Map<number, () => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const shown = Date.now();
    const [number = -1, written = Number.NaN] = line.split(" ").map(Number);
    times.set(number, { written, shown });
    waiting.get(number)?.();
  });
  return {
    started,
    get lines() {
      return times.size;
    },
    written: (number: number) => times.get(number)?.written ?? Number.NaN,
    async shown(number: number): Promise<number> {
      if (!times.has(number)) await new Promise<void>((resolve) => waiting.set(number, resolve));
      return times.get(number)?.shown ?? Number.NaN;
    },
    ended: new Promise<void>((resolve) => child.once("close", () => resolve())),
    end: () => child.kill(),
  };
}

/** What the command calls the store. */
function address(): string {
  if (place === "directory") return ".skyburst";
  const { bucket, endpoint = "" } = JSON.parse(place) as S3Options;
  return `s3://${bucket}?endpoint=${encodeURIComponent(endpoint)}`;
}

async function printOnOrder(directory: string): Promise<number> {
  const { existsSync } = await import("node:fs");
  for (let number = 0; ;) {
    if (existsSync(`${directory}/order-${number}`)) console.log(`${number++} ${Date.now()}`);
    else if (existsSync(`${directory}/end`)) return number;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
