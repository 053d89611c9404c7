import type { MemoryKill } from "./memory-kills.ts";

/** As `it needed more than the 64 MiB of memory that its worker has (peak 63.9 MiB)`. */
export function outOfMemory({ limit, peak }: MemoryKill): string {
  if (limit === undefined) return "the system was out of memory";
  const used = peak === undefined ? "" : ` (peak ${sizeInWords(peak)})`;
  return `it needed more than the ${sizeInWords(limit)} of memory that its worker has${used}`;
}

/** Down to a tenth of the largest unit that fits. */
export function sizeInWords(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 30 ? [2 ** 30, "GiB"] : [2 ** 20, "MiB"];
  return `${Number((Math.floor((bytes / size) * 10) / 10).toFixed(1))} ${unit}`;
}
