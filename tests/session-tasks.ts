import { existsSync } from "node:fs";
import { task } from "@skyburst/core";

export const square = task(import.meta.url, (n: number) => n * n);

/** Runs until a file is there. */
export const waiting = task(import.meta.url, async (path: string) => {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
  return path;
});

/** Fails unless a file is there. */
export const needing = task(import.meta.url, (path: string) => {
  if (!existsSync(path)) throw new Error(`There is no ${path}.`);
  return path;
});
