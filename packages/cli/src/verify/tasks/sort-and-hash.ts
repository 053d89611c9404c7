import { createHash } from "node:crypto";
import { endianness } from "node:os";
import { begin } from "./begin.ts";

/** So many numbers of four bytes each. */
export interface Amount {
  readonly numbers: number;
}

/** SHA-256 of numbers that are the same each time, before and after they were sorted. */
export interface Hashed {
  readonly generated: string;
  readonly sorted: string;
}

export async function sortAndHash({ numbers }: Amount): Promise<Hashed> {
  await begin(`begins to generate ${numbers} numbers`);
  const all = new Uint32Array(numbers);
  for (let n = 0, x = seed; n < numbers; n++) all[n] = x = next(x);
  const generated = digest(all);
  console.log(`has generated ${generated}`);
  all.sort();
  const sorted = digest(all);
  console.log(`has sorted ${sorted}`);
  return { generated, sorted };
}

const seed = 2_463_534_242;

/** Marsaglia's xorshift, of 32 bits. */
function next(x: number): number {
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}

/** The same on every machine: numbers are hashed with their lowest byte first. */
function digest(numbers: Uint32Array): string {
  const bytes = Buffer.from(numbers.buffer);
  return createHash("sha256")
    .update(endianness() === "LE" ? bytes : Buffer.from(bytes).swap32())
    .digest("hex");
}
