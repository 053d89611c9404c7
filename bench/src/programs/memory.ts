import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded before a program by NODE_OPTIONS: leaves the most memory that the client ever held at once in a file, in bytes.
 * Of the process since it became this program: the figure of getrusage(2) may be that of the process that started it.
 */
const isWorker = process.argv.some((argument) => argument.startsWith("--skyburst-worker="));
const file = process.env.BENCH_MEMORY;
if (isMainThread && !isWorker && file !== undefined) process.on("exit", () => writeFileSync(file, String(peak())));

function peak(): number {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux: the system's other figure has to do.
  }
  return process.resourceUsage().maxRSS * 1024;
}
