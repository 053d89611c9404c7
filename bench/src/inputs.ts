import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Inputs as a file of JSON lines, and the same lines to compare results with. */
export interface Inputs {
  readonly file: string;
  readonly lines: readonly string[];
}

export function numbers(place: string, count: number): Inputs {
  return write(place, count, String);
}

/** Objects of about 300 bytes: an order of some shop, all different. */
export function objects(place: string, count: number): Inputs {
  return write(place, count, (n) =>
    JSON.stringify({
      id: n,
      customer: `customer-${(n * 7919) % 100_003}`,
      placed: new Date(1_700_000_000_000 + n * 60_000).toISOString(),
      paid: n % 3 === 0,
      total: ((n * 37) % 10_000) / 100,
      address: { street: `${(n % 200) + 1} Long Road`, city: "Springfield", code: String(10_000 + (n % 90_000)) },
      items: [
        { article: `article-${n % 977}`, quantity: (n % 5) + 1, price: 12.5 },
        { article: `article-${n % 499}`, quantity: (n % 3) + 1, price: 7.25 },
      ],
      note: null,
    }),
  );
}

/** Work of a fixed size for `spin`, each with a seed of its own. */
export function work(place: string, count: number, rounds: number): Inputs {
  return write(place, count, (n) => JSON.stringify({ seed: n, rounds }));
}

/** Plain words, one a line. */
export function words(place: string, count: number): Inputs {
  return write(place, count, (n) => `word-${n}`, "inputs.txt");
}

function write(place: string, count: number, line: (n: number) => string, name = "inputs.jsonl"): Inputs {
  const lines = Array.from({ length: count }, (_, n) => line(n));
  const file = join(place, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return { file, lines };
}
