import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where installed servers are kept, outside of any repository: `$SKYBURST_ENGINES`, or else the user's cache. */
export function cached(name: string): string {
  const root =
    process.env.SKYBURST_ENGINES || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skyburst-engines");
  return join(root, name);
}

/**
 * Runs `install` with a directory to fill, unless that was done before. It is given its name when it is complete, so
 * that one that was interrupted, or several at once, do no harm.
 */
export async function installOnce(name: string, install: (directory: string) => Promise<void>): Promise<string> {
  const place = cached(name);
  if (existsSync(place)) return place;
  const unfinished = `${place}.${process.pid}.tmp`;
  mkdirSync(unfinished, { recursive: true });
  try {
    await install(unfinished);
    renameSync(unfinished, place);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}
