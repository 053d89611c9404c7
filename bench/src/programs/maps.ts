import { docker } from "@skyburst/backend-docker";
import { local } from "@skyburst/backend-local";
import { open } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import type { S3Options } from "@skyburst/state-s3";
import { oneOfEach } from "../one-of-each.ts";

/**
 * Two maps of one session, on a directory (`directory`) or on S3 (the store's options as JSON): a small one that brings two
 * workers up, and one of so many numbers, each given back as it is (`0`) or 50 ms later (`50`); in containers, where an image is named. Prints,
 * as JSON, what the second one took in seconds, until its last input was submitted and in all, and what the session asked of its store.
 */
const [place = "directory", count = "0", wait = "0", image] = process.argv.slice(2);
let submitted = 0;
const store = noting(place === "directory" ? directory(".skyburst") : s3(JSON.parse(place) as S3Options));
const backend = image === undefined ? local() : docker({ image });
const session = await open({ backend, store, workers: 2, spec: { slots: 1 } });
const first = await map(wait === "0" ? 1000 : 2);
const started = performance.now();
const tasks = await map(Number(count));
const seconds = (performance.now() - started) / 1000;
await session.close();
const { requests, unheard } = await session.usage();
await store.close?.();
if (unheard > 0) throw new Error(`${unheard} workers do not tell what they sent.`);
process.stdout.write(
  JSON.stringify({ seconds, submitted: (submitted - started) / 1000, tasks: first + tasks, requests }),
);

/** @returns how many there are, each of them as it has to be. */
async function map(tasks: number): Promise<number> {
  const isLast = oneOfEach(tasks);
  let complete = false;
  const inputs = Array.from({ length: tasks }, (_, n) => n);
  for await (const outcome of session.map(wait === "0" ? same : later, inputs)) {
    if (outcome.status !== "succeeded" || outcome.value !== outcome.index)
      throw new Error(`Task ${outcome.index}: ${JSON.stringify(outcome)}`);
    complete = isLast(outcome.value);
  }
  if (!complete) throw new Error(`Some of ${tasks} results are missing.`);
  return tasks;
}

function same(input: number): number {
  return input;
}

async function later(input: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return input;
}

/** The store, and when it last took a ledger's entry that says that no more inputs come. */
function noting(store: StateStore): StateStore {
  const create: StateStore["create"] = async (key, body, options) => {
    const created = await store.create(key, body, options);
    if (key.includes("/manifest/") && Buffer.from(body).includes('"op":"end"')) submitted = performance.now();
    return created;
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "create") return create;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
