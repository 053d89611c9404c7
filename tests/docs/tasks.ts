import { readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { task } from "@skyburst/core";
import type { TaskContext } from "@skyburst/core";

/** Squares a number once two processes have begun to work, so that neither does everything alone. */
export const square = task(import.meta.url, async (n: number) => {
  await meet(process.env.SKYBURST_TEST_MEETING ?? "");
  return n * n;
});

function meet(place: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(place, look);
    writeFileSync(join(place, String(process.pid)), "");
    look();
    function look(): void {
      if (readdirSync(place).length < 2) return;
      watcher.close();
      resolve();
    }
  });
}

export type Order = "large" | "talk" | "fail" | "fail once" | "kill" | "hold" | Date | { readonly big: string };

/** Does what makes a worker write objects of rarer kinds. */
export const obey = task(import.meta.url, async (order: Order, { attempt, log }: TaskContext) => {
  if (order === "large") return "x".repeat(300_000);
  if (order === "talk") log("y".repeat(100_000));
  if (order === "fail" || (order === "fail once" && attempt === 1)) throw new Error("as told");
  if (order === "kill") process.kill(process.pid, "SIGKILL");
  // Longer than the third of a TTL of a second, after which a worker shows that it lives.
  if (order === "hold") await new Promise((resolve) => setTimeout(resolve, 700));
  return "done";
});
