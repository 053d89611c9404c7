import { keyFault, StoreError } from "@skyburst/core";

/** What one store takes, all take. */
export function checkKey(key: string): void {
  const fault = keyFault(key);
  if (fault !== undefined) throw new StoreError("invalid-key", `The key ${JSON.stringify(key)} ${fault}.`);
}

export function checkPrefix(prefix: string): void {
  if (!prefix.endsWith("/")) throw new StoreError("invalid-key", `The prefix ${JSON.stringify(prefix)} has no "/".`);
  checkKey(prefix.slice(0, -1));
}
