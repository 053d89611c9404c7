import { execFileSync } from "node:child_process";
import { eventually } from "../session-under-test.ts";

export interface SessionProcess {
  readonly pid: number;
  readonly role: "worker" | "supervisor";
}

/** Processes of a session, found by the label that stands on their command lines, whoever started them. */
export function processesOf(session: string): SessionProcess[] {
  return execFileSync("ps", ["-A", "-ww", "-o", "pid=,args="], { encoding: "utf8", maxBuffer: 1 << 26 })
    .split("\n")
    .flatMap((line): SessionProcess[] => {
      const pid = Number.parseInt(line, 10);
      if (line.includes(`--skyburst-worker=${session}`)) return [{ pid, role: "worker" }];
      const supervises = [` supervise ${session}`, `stand-in.mjs {"session":"${session}"`];
      return supervises.some((text) => line.includes(text)) ? [{ pid, role: "supervisor" }] : [];
    });
}

export function workersOf(session: string): number[] {
  return processesOf(session).flatMap(({ pid, role }) => (role === "worker" ? [pid] : []));
}

/** It may have ended by itself since it was found. @throws {Error} for what is no process of its own, but stands for many. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  if (!(pid > 1)) throw new Error(`There is no process ${pid} to be sent a ${name}.`);
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Everything of a session that runs here, as when its machine loses its power: what one of them was about to start as well. */
export async function killAll(session: string): Promise<void> {
  await eventually(`The end of all that ${session} has left`, () => {
    const found = processesOf(session);
    for (const { pid } of found) signal(pid, "SIGKILL");
    return found.length === 0;
  });
}

/** All of its processes have ended by themselves. */
export async function noneLeft(session: string): Promise<void> {
  await eventually(`The end of all processes of ${session}`, () => processesOf(session).length === 0);
}
