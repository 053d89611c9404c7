import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { task } from "@skyburst/core";

/** Some fail once, some ever unless a file is there, and some end their worker when they run for the first time. */
export const eventful = task(import.meta.url, ({ n, scratch }: { n: number; scratch: string }, { attempt }) => {
  const killed = join(scratch, `killed-${n}`);
  if (n % 40 === 17 && !existsSync(killed)) {
    writeFileSync(killed, "");
    process.kill(process.pid, "SIGKILL");
  }
  if (n % 10 === 3 && attempt === 1) throw new Error("not yet");
  if (n % 30 === 9 && !existsSync(join(scratch, "mended"))) throw new RangeError("never");
  return n;
});
