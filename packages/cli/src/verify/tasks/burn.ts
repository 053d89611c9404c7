import { readFileSync } from "node:fs";
import { begin } from "./begin.ts";
import { readCgroup } from "./cgroup.ts";

export interface Burnt {
  /** Of this task's work, in milliseconds since the epoch. */
  readonly began: number;
  readonly ended: number;
  /** Processor time at both ends, in seconds: of the container, or of the worker's process where there is none. */
  readonly before: number;
  readonly after: number;
  /** Seconds in which this thread could have run, and others had the processor. */
  readonly waited: number;
  /** Processors of the container. null: it has no limit. */
  readonly processors: number | null;
}

/** Milliseconds. */
const duration = 4000;

/** Keeps a processor busy, and tells what the kernel counted meanwhile. */
export async function burn({ container }: { readonly container: boolean }): Promise<Burnt> {
  await begin("begins to keep a processor busy");
  const began = Date.now();
  const before = busy(container);
  const waited = waiting();
  let x = 1;
  const until = performance.now() + duration;
  while (performance.now() < until) for (let n = 0; n < 100_000; n++) x = (x * 16_807) % 2_147_483_647;
  console.log(`is done: ${x > 0}`);
  return {
    began,
    ended: Date.now(),
    before,
    after: busy(container),
    waited: waiting() - waited,
    processors: (container ? readCgroup().processors : undefined) ?? null,
  };
}

function busy(container: boolean): number {
  const { user, system } = process.cpuUsage();
  return (container ? readCgroup().busy : undefined) ?? (user + system) / 1e6;
}

/** Of this thread, in seconds; 0 where the kernel does not tell. */
function waiting(): number {
  try {
    const [, waited = "0"] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
    return Number(waited) / 1e9;
  } catch {
    return 0;
  }
}
