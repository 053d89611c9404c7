import { closeSync, openSync, writeSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import type { Places } from "./places.ts";
import { summary } from "./summary.ts";

/** What else the machine had to do: figures of a busy one say little. */
export interface Conditions {
  /** Processes that wanted a processor in the last minute. */
  readonly load: number;
  /** Microseconds that the creation of a file of 14 KB takes, the median of many: several times more after many deletes. */
  readonly create: number;
}

export function conditions(places: Places): Conditions {
  const place = places.next("probe");
  const bytes = Buffer.alloc(14_000, "x");
  const times = Array.from({ length: 400 }, (_, n) => {
    const start = performance.now();
    const file = openSync(join(place, String(n)), "wx");
    writeSync(file, bytes);
    closeSync(file);
    return (performance.now() - start) * 1000;
  });
  return { load: loadavg()[0] ?? 0, create: summary(times)?.median ?? 0 };
}

export function describeConditions(all: readonly Conditions[]): string {
  const range = (values: readonly number[], digits: number) => {
    const found = summary(values);
    return found ? `${found.minimum.toFixed(digits)} to ${found.maximum.toFixed(digits)}` : "unknown";
  };
  const load = range(
    all.map((one) => one.load),
    1,
  );
  const create = range(
    all.map((one) => one.create),
    0,
  );
  return `Before each figure the load was ${load}, and the creation of a small file took ${create} µs. Figures hold for a load below 1.`;
}
