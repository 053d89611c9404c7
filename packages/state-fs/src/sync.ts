import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes the bytes of a file, or the names in a directory, survive a power cut. */
export function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
