import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listSessions } from "@skyburst/core";
import { afterEach, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { start } from "./outlive/command.ts";
import { directoryGround } from "./outlive/ground.ts";
import { byCommand, modulePath } from "./outlive/hands.ts";
import { noneLeft } from "./outlive/processes.ts";
import { Stage } from "./outlive/stage.ts";

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.clear();
  stage = undefined;
});

test.each(["SIGHUP", "SIGKILL"] as const)(
  "a map whose terminal ends by a %s loses nothing of what it submitted",
  async (signal) => {
    stage = new Stage(directoryGround(), byCommand);
    const { ground, hands } = stage;
    const desk = ground.desk();
    const inputs = join(desk.directory, "inputs.jsonl");
    writeFileSync(
      inputs,
      stage
        .scenes(20)
        .map((scene) => `${JSON.stringify(scene)}\n`)
        .join(""),
    );
    const client = start(desk, ["map", `${modulePath}#gated`, inputs]);
    await stage.running(2);
    expect(client.pid).toBeGreaterThan(1);
    process.kill(-client.pid, signal);
    expect((await client.ended).signal).toBe(signal);
    const [session] = await listSessions(ground.store);
    const id = session?.id ?? "";
    const collecting = hands.collect(id, true);
    stage.openGate(0);
    expect(await collecting).toEqual(
      Array.from({ length: 20 }, (_, task) => ({ task, status: "succeeded", value: 0 })),
    );
    await noneLeft(id);
    expect((await checkSession(ground.store, id)).size).toBe(20);
  },
);
