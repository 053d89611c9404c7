import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest directory with a package.json at or above `directory`; without one, `directory` itself. */
export function projectDirectory(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (at === dirname(at)) return directory;
  }
}
