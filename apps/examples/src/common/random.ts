import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { mersenne } from "pure-rand/generator/mersenne";

export interface Random {
  /** From 0 up to, not including, `count`. */
  below(count: number): number;
  /** Mean 0, deviation 1. */
  normal(): number;
}

/**
 * The numbers that belong to a seed, the same wherever they are drawn: that is what makes a result independent of who
 * computed it. The Mersenne twister mixes its seed well, so the streams of neighbouring seeds have nothing in common;
 * cheaper generators start such streams alike.
 */
export function random(seed: number): Random {
  const generator = mersenne(seed);
  let spare: number | undefined;

  // Marsaglia's polar method: every accepted point of the disc gives two numbers.
  function normal(): number {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const x = 2 * uniformFloat64(generator) - 1;
      const y = 2 * uniformFloat64(generator) - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  }

  return { normal, below: (count) => uniformInt(generator, 0, count - 1) };
}
