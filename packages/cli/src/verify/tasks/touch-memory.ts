import { begin } from "./begin.ts";
import { readCgroup } from "./cgroup.ts";

export interface Touched {
  /** Bytes that were written to, and read again. */
  readonly touched: number;
  /** Bytes. null: the container has no limit. */
  readonly limit: number | null;
  /** Bytes that the container had when all was touched. null: nobody counts. */
  readonly memory: number | null;
}

const piece = 32 * 2 ** 20;

/** Linux's smallest; where pages are larger, each is touched more than once. */
const page = 4096;

/** Takes so many bytes, writes to each page of them, and reads all of them once more. */
export async function touchMemory({ bytes }: { readonly bytes: number }): Promise<Touched> {
  await begin(`begins to take ${bytes} bytes`);
  const pieces: Buffer[] = [];
  for (let left = bytes; left > 0; left -= piece) pieces.push(Buffer.alloc(Math.min(piece, left), pieces.length + 1));
  const { memory, memoryLimit } = readCgroup();
  let touched = 0;
  for (const [n, one] of pieces.entries())
    for (let at = 0; at < one.length; at += page) if (one[at] === n + 1) touched += Math.min(page, one.length - at);
  console.log(`has touched ${touched} bytes`);
  return { touched, limit: memoryLimit ?? null, memory: memory ?? null };
}
