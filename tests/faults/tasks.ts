import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { task } from "@skyburst/core";
import type { TaskContext } from "@skyburst/core";

/** Where a task of a test says that it runs, and looks for what the test wants of it. */
export interface Scene {
  readonly scratch: string;
  readonly n: number;
}

export const square = task(import.meta.url, (n: number) => n * n);
export const echo = task(import.meta.url, (value: unknown) => value);
export const pidOf = task(import.meta.url, (_: number) => process.pid);

class CustomError extends Error {
  readonly code = "E_CUSTOM";
  readonly detail = { rows: 3 };
  override readonly name = "CustomError";
}

export const throwing = task(import.meta.url, (how: string): string => {
  switch (how) {
    case "error":
      throw new RangeError("out of range");
    case "custom":
      throw new CustomError("a custom one", { cause: new TypeError("the cause") });
    case "text":
      throw "just text";
    case "nothing":
      throw undefined;
    case "object":
      throw { status: 404 };
    default:
      return how;
  }
});

export const rejecting = task(import.meta.url, async (n: number) => {
  await Promise.resolve();
  if (n % 2 === 1) throw new Error(`odd ${n}`);
  return n;
});

/** Fails until its nth run. */
export const flaky = task(import.meta.url, ({ scratch, n }: Scene, { attempt, index }: TaskContext) => {
  appendFileSync(join(scratch, `runs-${index}`), `${attempt}\n`);
  if (attempt < n) throw new Error(`attempt ${attempt} of ${n}`);
  return attempt;
});

export const slow = task(import.meta.url, async (n: number) => {
  if (n < 0) for (;;);
  if (n > 0) await new Promise((resolve) => setTimeout(resolve, n));
  return n;
});

export const fatal = task(import.meta.url, (how: string): string | Promise<string> => {
  switch (how) {
    case "exit":
      process.exit(3);
    case "uncaught":
      setTimeout(() => {
        throw new Error("nobody caught this");
      }, 1);
      return new Promise(() => undefined);
    case "rejection":
      void Promise.reject(new Error("nobody handled this"));
      return new Promise(() => undefined);
    case "memory": {
      const all: unknown[] = [];
      for (;;) all.push(Array.from({ length: 1000 }, () => ({ more: all.length })));
    }
    default:
      return how;
  }
});

/** Kills its whole process where n is negative. Each run leaves a line. */
export const killer = task(import.meta.url, ({ scratch, n }: Scene, { index }: TaskContext) => {
  appendFileSync(join(scratch, `runs-${index}`), `${process.pid}\n`);
  if (n < 0) process.kill(process.pid, "SIGKILL");
  return n;
});

/** Kills its whole process, but not before the task beside it runs; that one ends when it was run often enough, or is left alone. */
export const badNeighbour = task(import.meta.url, async ({ scratch, n }: Scene) => {
  appendFileSync(join(scratch, `runs-${n}`), `${process.pid}\n`);
  const other = join(scratch, `runs-${1 - n}`);
  const beside = () => existsSync(other) && readFileSync(other, "utf8").includes(`${process.pid}\n`);
  for (let looks = 0; looks < 50 && !beside(); looks++) await new Promise((resolve) => setTimeout(resolve, 5));
  if (n === 0) process.kill(process.pid, "SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, beside() ? 500 : 0));
  return n;
});

/** Says that it runs, and ends when the test opens the gate, or when it is told to stop. */
export const gated = task(import.meta.url, async ({ scratch, n }: Scene, { signal, index }: TaskContext) => {
  appendFileSync(join(scratch, `runs-${index}`), `${process.pid}\n`);
  const gate = join(scratch, `gate-${n}`);
  await new Promise<void>((resolve, reject) => {
    const look = setInterval(() => {
      if (!existsSync(gate)) return;
      clearInterval(look);
      resolve();
    }, 5);
    signal.addEventListener(
      "abort",
      () => {
        clearInterval(look);
        writeFileSync(join(scratch, `stopped-${index}`), String(signal.reason));
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
  return n;
});

/** Leaves a byte, and ends a little later. */
export const brief = task(import.meta.url, async ({ scratch, n }: Scene) => {
  appendFileSync(join(scratch, "ran"), ".");
  await new Promise((resolve) => setTimeout(resolve, 2));
  return n;
});

/** Below 0: fails until the test sets the flag. Else it ends when the test opens the gate. */
export const flagged = task(import.meta.url, async ({ scratch, n }: Scene, { index }: TaskContext) => {
  appendFileSync(join(scratch, `runs-${index}`), `${process.pid}\n`);
  if (n < 0 && !existsSync(join(scratch, "flag"))) throw new Error("the flag is not set");
  while (n >= 0 && !existsSync(join(scratch, `gate-${n}`))) await new Promise((resolve) => setTimeout(resolve, 5));
  return n;
});

/** Ends when the test opens the gate, and at nobody's word. */
export const stubborn = task(import.meta.url, async ({ scratch, n }: Scene, { index }: TaskContext) => {
  appendFileSync(join(scratch, `runs-${index}`), `${process.pid}\n`);
  while (!existsSync(join(scratch, `gate-${n}`))) await new Promise((resolve) => setTimeout(resolve, 5));
  return n;
});

export const lookUp = task(import.meta.url, async ({ table, key }: { table: Map<string, number>; key: string }) => ({
  value: table.get(key),
  pid: process.pid,
}));

export const printing = task(import.meta.url, (lines: number, { log }: TaskContext) => {
  for (let n = 0; n < lines; n++) console.log(`line ${n}`);
  console.error("to stderr");
  log("to the log", { lines });
  return lines;
});

export const large = task(import.meta.url, (bytes: number) => "x".repeat(bytes));

export const unsendable = task(import.meta.url, (n: number): unknown =>
  n % 2 === 0 ? n : { deep: [1, { here: () => n }] },
);

/** Tasks that are running at one time in this process, as seen by each. */
let together = 0;
export const crowd = task(import.meta.url, async ({ scratch, n }: Scene) => {
  together++;
  appendFileSync(join(scratch, "crowd"), `${together}\n`);
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (together < n && !existsSync(join(scratch, "together"))) return;
      writeFileSync(join(scratch, "together"), "");
      clearInterval(look);
      resolve();
    }, 5);
  });
  together--;
  return together;
});

const secret = (n: number) => n + 1;
/** Not exported: what a user forgets. */
const hidden = task(import.meta.url, (n: number) => secret(n));
export function hiddenTask() {
  return hidden;
}

/** One of many: most succeed at once, some fail at first, some for good, some end their thread, some wait. */
export const mixed = task(import.meta.url, async ({ scratch, n }: Scene, { attempt }: TaskContext) => {
  appendFileSync(join(scratch, "pids"), `${process.pid}\n`);
  if (n % 17 === 3 && attempt < 2) throw new Error("at first");
  if (n % 29 === 5) throw new Error("for good");
  if (n % 41 === 7 && attempt < 2) process.exit(1);
  if (n % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  if (n % 13 === 0) console.log(`said by ${n}`);
  return n;
});

export const shouting = task(import.meta.url, (bytes: number) => {
  console.log("!".repeat(bytes));
  return bytes;
});
