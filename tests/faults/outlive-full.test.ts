import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { directoryGround } from "./outlive/ground.ts";
import { byApi, byCommand } from "./outlive/hands.ts";
import { noneLeft, workersOf } from "./outlive/processes.ts";
import { Stage } from "./outlive/stage.ts";
import { eventually } from "./session-under-test.ts";

let stage: Stage | undefined;
let disk: string | undefined;

afterEach(async () => {
  await stage?.clear().catch(ignore);
  stage = undefined;
  if (disk === undefined) return;
  execFileSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true });
  disk = undefined;
});

test.for([
  ["command", byCommand],
  ["API", byApi],
] as const)(
  "a disk that is full for a while, by the %s: whoever collects goes on with what is there",
  async ([_, way], { skip }) => {
    disk = smallDisk();
    if (disk === undefined) return skip("no file system can be mounted here, as root can");
    const path = join(disk, "store");
    mkdirSync(path);
    const ground = directoryGround(path);
    stage = new Stage(ground, way);
    const { hands } = stage;
    const session = await hands.submit({ task: "gated", inputs: stage.scenes(30) });
    await stage.running(2);
    const before = workersOf(session);
    const ballast = fill(disk);
    stage.openGate(0);
    await eventually("The end of those who can't store what they have", () =>
      before.every((pid) => !workersOf(session).includes(pid)),
    );
    rmSync(ballast);
    await hands.leave();
    const expected = Array.from({ length: 30 }, (_, task) => ({ task, status: "succeeded", value: 0 }));
    expect(await hands.collect(session, true)).toEqual(expected);
    await noneLeft(session);
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(30);
  },
);

function smallDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), "skyburst-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", path], { stdio: "ignore" });
    return path;
  } catch {
    rmSync(path, { recursive: true });
    return undefined;
  }
}

/** Takes all that is left, and tells the file that holds it. */
function fill(path: string): string {
  const ballast = join(path, "ballast");
  const file = openSync(ballast, "w");
  try {
    for (const block = Buffer.alloc(4096); ;) writeSync(file, block);
  } catch {
    return ballast;
  } finally {
    closeSync(file);
  }
}

function ignore(): void {
  // What a test has left on a disk that goes away goes with it.
}
