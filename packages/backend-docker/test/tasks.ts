import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { task } from "@skyburst/core";

export const square = task(import.meta.url, (n: number) => n * n);

export const platformOf = task(import.meta.url, (_: number) => ({
  node: process.version,
  files: readdirSync("/").filter((name) => ["bin", "etc", "tmp", "usr", "lib"].includes(name)),
}));

/** Ends only when it is run for the second time. */
export const hang = task(import.meta.url, async (directory: string) => {
  const file = join(directory, "begun");
  appendFileSync(file, ".");
  const runs = readFileSync(file, "utf8").length;
  if (runs === 1) await pause(1_000_000);
  return runs;
});

/** Touches so many bytes. */
export const grow = task(import.meta.url, (bytes: number) => {
  const parts: Buffer[] = [];
  for (let taken = 0; taken < bytes; taken += 2 ** 24) parts.push(Buffer.alloc(2 ** 24, 1));
  return parts.length;
});
