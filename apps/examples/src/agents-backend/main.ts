import { randomUUID } from "node:crypto";
import { open } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { startAgent } from "./agent.ts";
import { agents } from "./backend.ts";
import { hits } from "./task.ts";

// On machines of your own each of these is a process there, and the store is one that all of them reach.
const secret = randomUUID();
const machines = await Promise.all([1, 2].map(() => startAgent({ secret, maxWorkers: 1 })));
const backend = agents({ urls: machines.map(({ url }) => url), secret, perAgent: 1 });
{
  await using session = await open({ backend, store: directory("jobs"), workers: 2 });
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);
  const counts = await session.map(hits, seeds).values();
  const sum = counts.reduce((total, count) => total + count, 0);
  console.log(`π is about ${((4 * sum) / (seeds.length * 1_000_000)).toFixed(2)}.`);
}
await Promise.all(machines.map((machine) => machine.close()));
