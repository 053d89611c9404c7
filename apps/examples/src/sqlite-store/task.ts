import { task } from "@skyburst/core";

/** Steps until the Collatz sequence of a number reaches 1. */
export const collatz = task(import.meta.url, (start: number) => {
  let steps = 0;
  for (let n = start; n !== 1; steps += 1) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
  return steps;
});
