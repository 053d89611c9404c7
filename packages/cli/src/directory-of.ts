import { resolve } from "node:path";
import type { Backend } from "@skyburst/core";

/** Where a command runs: in this directory, where workers see it; elsewhere where it is said, or at the root. */
export function directoryOf({ capabilities }: Backend, cwd: string | undefined): string | undefined {
  return capabilities.sharesFileSystem ? resolve(cwd ?? ".") : cwd;
}
