import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Directories to run in: a new one for each run, all on the file system of the repository. They are deleted together at the
 * very end: ext4 creates files several times slower for minutes after many were deleted.
 */
export class Places {
  readonly #root: string;
  #count = 0;

  constructor(results: string) {
    mkdirSync(results, { recursive: true });
    this.#root = mkdtempSync(join(results, "runs-"));
  }

  next(name: string): string {
    const path = join(this.#root, `${String(this.#count++).padStart(4, "0")}-${name}`);
    mkdirSync(path);
    return path;
  }

  delete(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
