import { StoreError } from "@skyburst/core";

/** The rules that stand above `StateStore`: what one store takes, all take. */
export function checkKey(key: string): void {
  const bytes = Buffer.from(key);
  const fits = bytes.length <= 1024 && bytes.toString() === key && key.split("/").every(isSegment);
  if (!fits) throw new StoreError("invalid-key", `The key ${JSON.stringify(key)} can't be.`);
}

export function checkPrefix(prefix: string): void {
  if (!prefix.endsWith("/")) throw new StoreError("invalid-key", `The prefix ${JSON.stringify(prefix)} has no "/".`);
  checkKey(prefix.slice(0, -1));
}

function isSegment(segment: string): boolean {
  const bytes = Buffer.byteLength(segment);
  return bytes > 0 && bytes <= 255 && segment !== "." && segment !== "..";
}
