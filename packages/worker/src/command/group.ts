import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/** Ends a process group: SIGTERM, SIGKILL after the grace time (ms; 0: at once), and resolves when it is gone or unkillable for 2 s. */
export async function endGroup(group: number, grace: number): Promise<void> {
  if (grace > 0) {
    signalGroup(group, "SIGTERM");
    // A stopped process would sleep through its SIGTERM.
    signalGroup(group, "SIGCONT");
    if (await goneWithin(group, grace)) return;
  }
  signalGroup(group, "SIGKILL");
  await goneWithin(group, AFTER_KILL);
}

/** False when there is no process that could take the signal. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // EPERM: macOS says so of a group of zombies, Linux of one that changed its user. Neither is ours to end.
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return false;
    throw error;
  }
}

/** Whether the group is gone within so many milliseconds; asks once at least. */
export async function goneWithin(group: number, limit: number): Promise<boolean> {
  const start = performance.now();
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    if (!signalGroup(group, 0) || !(await hasLiving(group))) return true;
    const left = limit - (performance.now() - start);
    if (left <= 0) return false;
    await pause(Math.min(wait, left));
  }
}

/** In a container whose first process reaps nothing, orphans stay as zombies, and their group answers to signal 0 for ever. */
async function hasLiving(group: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(processes.map((id) => isLivingMember(id, group)));
  return found.includes(true);
}

async function isLivingMember(id: string, group: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, "utf8");
    // `pid (name) state parent group …`, where a name may hold parentheses itself.
    const [state = "Z", , of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(of) === group && state !== "Z" && state !== "X";
  } catch {
    // It ended while it was looked at.
    return false;
  }
}

const AFTER_KILL = 2_000;
