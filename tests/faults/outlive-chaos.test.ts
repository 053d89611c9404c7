import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attachSession } from "@skyburst/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { start } from "./outlive/command.ts";
import type { Started } from "./outlive/command.ts";
import { directoryGround } from "./outlive/ground.ts";
import { byCommand, toldIn } from "./outlive/hands.ts";
import { noneLeft, processesOf, signal } from "./outlive/processes.ts";
import { Stage } from "./outlive/stage.ts";
import { eventually } from "./session-under-test.ts";

const tasks = 10_000;
const kills = 200;
/** Runs of tasks from one kill to the next: the last one comes before they have all ended. */
const runsPerKill = 40;

let stage: Stage;
beforeEach(() => {
  stage = new Stage(directoryGround(), byCommand);
  writeFileSync(join(stage.scratch, "ran"), "");
});
afterEach(() => stage.clear());

test(`${tasks} tasks among ${kills} kills of workers, supervisors and clients: each outcome once, and no process is left`, async () => {
  const { ground, hands, scratch } = stage;
  const session = await hands.submit({ task: "brief", inputs: stage.scenes(tasks, (n) => n) });
  const ran = () => statSync(join(scratch, "ran")).size;
  const killed = { worker: 0, supervisor: 0, client: 0 };
  let client = collector(session);
  for (let kill = 0; kill < kills; kill++) {
    await eventually(`Run ${kill * runsPerKill}`, () => ran() >= kill * runsPerKill);
    const role = roles[kill % roles.length] ?? "worker";
    if (role === "client") {
      killed.client += Number(signal(client.pid, "SIGKILL"));
      await client.ended;
      client = collector(session);
    } else {
      const victim = await eventually(`A ${role} to be killed`, () => anyOf(session, role, kill));
      killed[role] += Number(signal(victim, "SIGKILL"));
    }
  }
  const { stdout, code, stderr } = await client.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const expected = Array.from({ length: tasks }, (_, n) => ({ task: n, status: "succeeded", value: n }));
  expect(toldIn(stdout)).toEqual(expected);
  expect(killed.worker + killed.supervisor + killed.client).toBeGreaterThan(kills * 0.9);
  await noneLeft(session);
  expect((await (await attachSession(ground.store, session)).status()).succeeded).toBe(tasks);
  expect((await checkSession(ground.store, session, { ended: false })).size).toBe(tasks);
}, 300_000);

/** Whom the kills hit, in turn. */
const roles = ["worker", "worker", "client", "worker", "worker", "supervisor"] as const;

function collector(session: string): Started {
  return start(stage.ground.desk(), ["collect", session, "--wait"]);
}

function anyOf(session: string, role: "worker" | "supervisor", turn: number): number | undefined {
  const found = processesOf(session).filter((process) => process.role === role);
  return found[turn % found.length]?.pid;
}
