import { task } from "@skyburst/core";

/** Fails for 3 always, and for even numbers once. */
export const flaky = task(import.meta.url, (n: number, { attempt }) => {
  if (n === 3) throw new RangeError("never");
  if (n % 2 === 0 && attempt === 1) throw new Error("not yet");
  return n;
});
