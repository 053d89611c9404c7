import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, readdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { outputFile, tail } from "../src/daemon/output-file.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "skyburst-output-"));
  vi.stubEnv("TMPDIR", place);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

/** The file of a process that has this id, and has printed so much. */
function fileOf(session: string, pid: number, printed = ""): string {
  const { descriptor, begun } = outputFile(session);
  writeSync(descriptor, printed);
  closeSync(descriptor);
  return begun(pid);
}

test("what a supervisor printed stays for who asks, and of one that was killed in silence nothing does", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const silent = fileOf("silent", pid);
  const said = fileOf("said", pid, "skyburst: why\n");
  const living = fileOf("living", process.pid);
  expect(tail(said, 4)).toBe("why\n");
  fileOf("next", process.pid);
  const left = readdirSync(join(place, readdirSync(place)[0] ?? ""), { encoding: "utf8" });
  expect([silent, said, living].map((path) => left.some((name) => path.endsWith(name)))).toEqual([false, true, true]);
});
