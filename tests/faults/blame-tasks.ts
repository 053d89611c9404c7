import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { task } from "@skyburst/core";

/** What the runs of a task come to, one after the other; then it succeeds. */
export interface Fate {
  readonly scratch: string;
  readonly n: number;
  readonly runs: readonly ("throws" | "lingers" | "rests" | "kills" | "freezes")[];
}

export const fated = task(import.meta.url, async ({ scratch, n, runs }: Fate) => {
  const log = join(scratch, `runs-${n}`);
  appendFileSync(log, `${process.pid}\n`);
  const run = readFileSync(log, "utf8").split("\n").length - 2;
  switch (runs[run]) {
    case "throws":
      throw new Error(`run ${run} throws`);
    case "lingers":
      return new Promise<never>((_resolve, reject) => setTimeout(reject, 60_000));
    case "rests":
      await new Promise((resolve) => setTimeout(resolve, 250));
      break;
    case "kills":
      process.kill(process.pid, "SIGKILL");
      break;
    case "freezes":
      process.kill(process.pid, "SIGSTOP");
      break;
    case undefined:
  }
  return run;
});
