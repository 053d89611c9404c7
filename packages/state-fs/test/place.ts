import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

const undo: (() => void)[] = [];

afterEach(() => {
  for (const step of undo.splice(0).toReversed()) step();
});

/** A new directory that is removed after the test. */
export function emptyDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "state-fs-"));
  undo.push(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
  return path;
}

/** Runs after the test, before what was there earlier is removed. */
export function afterwards(step: () => void): void {
  undo.push(step);
}

/** Whether this user can mount file systems, which tests of full and read-only disks need. On CI it has to be so. */
export function canMount(): boolean {
  if (process.platform !== "linux") return false;
  const path = mkdtempSync(join(tmpdir(), "state-fs-mount-"));
  try {
    asRoot("mount", "-t", "tmpfs", "-o", "size=64k", "none", path);
    asRoot("umount", path);
    return true;
  } catch (error) {
    if (process.env["CI"]) throw new Error("CI has to be able to mount a tmpfs", { cause: error });
    return false;
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** Mounts a small file system on an existing directory until the test ends. */
export function mounted(path: string, size: string): void {
  asRoot("mount", "-t", "tmpfs", "-o", `size=${size},mode=777`, "none", path);
  afterwards(() => asRoot("umount", "--lazy", path));
}

export function readOnly(path: string): void {
  asRoot("mount", "-o", "remount,ro", path);
}

function asRoot(...command: string[]): void {
  const [file = "", ...args] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
  execFileSync(file, args, { stdio: "pipe" });
}
