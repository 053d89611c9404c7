import { sizeInWords } from "@skyburst/core/protocol";
import type { MemoryKill } from "./memory-kills.ts";

/** As `it needed more than the 64 MiB of memory that its worker has (peak 63.9 MiB)`. */
export function outOfMemory({ limit, peak }: MemoryKill): string {
  if (limit === undefined) return "the system was out of memory";
  const used = peak === undefined ? "" : ` (peak ${sizeInWords(peak)})`;
  return `it needed more than the ${sizeInWords(limit)} of memory that its worker has${used}`;
}
