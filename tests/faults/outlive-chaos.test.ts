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
/** Runs of tasks from one kill to the next: the last one comes long before they have all ended. */
const runsPerKill = 25;
const leastRuns = 10;

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
  let last = 0;
  for (let kill = 0; kill < kills; kill++) {
    // Some run in between in any case: workers that die without a success pause their session.
    const next = Math.max(kill * runsPerKill, last + leastRuns);
    await eventually(`Run ${next}`, () => ran() >= next);
    last = ran();
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
  const { stdout, stderr } = await client.ended;
  expect(stderr).toBe("");
  const told = toldIn(stdout);
  expect(told.map(({ task }) => task)).toEqual(Array.from({ length: tasks }, (_, n) => n));
  // Whose worker was killed twice while it ran alone is taken for the cause: by design, and rarely.
  const condemned = told.filter(({ status }) => status !== "succeeded");
  expect(condemned.length).toBeLessThan(kills / 10);
  for (const { task } of condemned) expect(stdout).toMatch(failedAlone(task));
  expect(killed.worker + killed.supervisor + killed.client).toBeGreaterThan(kills * 0.9);
  if (condemned.length > 0) await hands.retry(session);
  const expected = Array.from({ length: tasks }, (_, n) => ({ task: n, status: "succeeded", value: n }));
  expect(await hands.collect(session, true)).toEqual(expected);
  await noneLeft(session);
  expect((await (await attachSession(ground.store, session)).status()).succeeded).toBe(tasks);
  expect((await checkSession(ground.store, session, { ended: false })).size).toBe(tasks);
}, 300_000);

/** Whom the kills hit, in turn. */
const roles = ["worker", "worker", "client", "worker", "worker", "supervisor"] as const;

function collector(session: string): Started {
  return start(stage.ground.desk(), ["collect", session, "--wait"]);
}

/** The outcome of a task that is not run again, in its line. */
function failedAlone(task: number): RegExp {
  return new RegExp(`"task":${task},"status":"failed".*"name":"WorkerLostError".*while it ran alone`);
}

function anyOf(session: string, role: "worker" | "supervisor", turn: number): number | undefined {
  const found = processesOf(session).filter((process) => process.role === role);
  return found[turn % found.length]?.pid;
}
