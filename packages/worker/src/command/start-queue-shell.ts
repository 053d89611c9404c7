import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killFirst } from "../memory/kill-first.ts";
import type { Environment } from "./environment.ts";
import { beginning } from "./queue-script.ts";
import { PAIRS, QueueShell } from "./queue-shell.ts";

/** Dash comes first: being the smallest, it forks fastest, and it can do without. */
export const QUEUE_SHELLS: readonly string[] = ["/bin/dash", "/usr/bin/dash", "/bin/sh", "/bin/bash", "/usr/bin/bash"];

export function isDash(shell: string): boolean {
  return shell.endsWith("/dash");
}

export interface QueueShellOptions {
  readonly path: string;
  readonly env: Environment;
  readonly directory: string;
  readonly onReport: () => void;
}

/** Resolves to undefined when the shell can't do it. */
export async function startQueueShell({
  path,
  env,
  directory,
  onReport,
}: QueueShellOptions): Promise<QueueShell | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "skyburst-"));
  const child = spawn(path, ["-c", beginning(path, folder, PAIRS)], {
    env,
    cwd: directory,
    // Out of the reach of Ctrl-C, and the leader of the process group of its commands.
    detached: true,
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  });
  killFirst(child.pid);
  const shell = new QueueShell(child, folder, isDash(path));
  // No files left to open, for one.
  if (await shell.begin(onReport).catch(() => false)) return shell;
  await shell.end();
  shell.release();
  return undefined;
}
