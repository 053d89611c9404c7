import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/**
 * A directory that `install` has filled, now or on an earlier day, outside of any repository: in `$SKYBURST_ENGINES`, or
 * else in the user's cache. Of several processes that want it at the same time, one installs; what was interrupted is
 * begun anew.
 */
export async function installOnce(name: string, install: (directory: string) => Promise<void>): Promise<string> {
  const root =
    process.env.SKYBURST_ENGINES || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "skyburst-engines");
  const place = join(root, name);
  const complete = join(place, ".complete");
  if (existsSync(complete)) return place;
  mkdirSync(root, { recursive: true });
  await alone(`${place}.lock`, async () => {
    if (existsSync(complete)) return;
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    await install(place);
    writeFileSync(complete, "");
  });
  return place;
}

/** Runs `act` while no other process does under the same lock. The lock of a process that died is free. */
async function alone(lock: string, act: () => Promise<void>): Promise<void> {
  while (!taken(lock)) {
    if (!alive(lock)) rmSync(lock, { force: true });
    await setTimeout(LOOK);
  }
  try {
    await act();
  } finally {
    rmSync(lock, { force: true });
  }
}

function taken(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function alive(lock: string): boolean {
  try {
    // Not yet written: just taken.
    const pid = Number(readFileSync(lock, "utf8")) || process.pid;
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Milliseconds. */
const LOOK = 100;
