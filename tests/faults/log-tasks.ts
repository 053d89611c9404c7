import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { task } from "@skyburst/core";
import type { TaskContext } from "@skyburst/core";
import type { Scene } from "./tasks.ts";

const exists = async (path: string) => {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Line n of a task that floods. */
export const floodLine = (n: number) => `${String(n).padStart(9, "0")} ${"x".repeat(89)}\n`;

/** Prints n lines, and ends when the test opens the gate. What comes second prints that it does, and ends. */
export const flooding = task(import.meta.url, async ({ scratch, n }: Scene) => {
  const isSecond = existsSync(join(scratch, "pid"));
  appendFileSync(join(scratch, "pid"), `${process.pid}\n`);
  if (isSecond) console.log("second");
  for (let line = 0; line < (isSecond ? 0 : n); line++) console.log(floodLine(line).trimEnd());
  if (!isSecond) await exists(join(scratch, "gate"));
});

/** Says something when the test wants it to, and fails at its first attempt when the test wants that. */
export const speaking = task(import.meta.url, async ({ scratch }: Scene, { index, attempt }: TaskContext) => {
  await exists(join(scratch, `say-${index}-${attempt}`));
  console.log(`${index} at attempt ${attempt}`);
  await exists(join(scratch, `end-${attempt}`));
  if (attempt === 1) throw new Error("not yet");
});

/** Says that it runs, and ends when the test opens the gate. */
export const holding = task(import.meta.url, ({ scratch }: Scene) => {
  writeFileSync(join(scratch, "held"), "");
  return exists(join(scratch, "gate"));
});

/** Prints so many bytes as fast as it can, and tells the most memory that its worker has had, in bytes. */
export const peak = task(import.meta.url, (bytes: number) => {
  const line = Buffer.from(floodLine(0).repeat(640));
  for (let printed = 0; printed < bytes; printed += line.length) process.stdout.write(line);
  return process.resourceUsage().maxRSS * 1024;
});

export const speechless = task(import.meta.url, (n: number) => n);
