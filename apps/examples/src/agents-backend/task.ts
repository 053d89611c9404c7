import { task } from "@skyburst/core";

/** How often a million throws of a dart hit the quarter circle. */
export const hits = task(import.meta.url, (seed: number) => {
  let state = seed + 1;
  const next = () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
  let inside = 0;
  for (let dart = 0; dart < 1_000_000; dart += 1) if (next() ** 2 + next() ** 2 < 1) inside += 1;
  return inside;
});
