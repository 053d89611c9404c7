import { task } from "@skyburst/core";

/** Touches so many bytes. */
export const grow = task(import.meta.url, (bytes: number) => {
  const parts: Buffer[] = [];
  for (let taken = 0; taken < bytes; taken += 2 ** 22) parts.push(Buffer.alloc(2 ** 22, 1));
  return parts.length;
});
