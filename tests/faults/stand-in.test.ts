import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { noneLeft, processesOf, signal, workersOf } from "./outlive/processes.ts";
import { onEveryStage } from "./outlive/stage.ts";
import { eventually } from "./session-under-test.ts";

await onEveryStage((stage) => {
  const supervisors = (session: string) => processesOf(session).filter(({ role }) => role === "supervisor");

  test("when everybody who supervised is killed, a worker sees to it that lost ones are replaced, and nothing is left in the end", async () => {
    const { hands, ground } = stage();
    const session = await hands.abandon({ task: "gated", inputs: stage().scenes(30) }, "SIGKILL");
    await stage().running(2);
    const killed = supervisors(session).map(({ pid }) => pid);
    for (const pid of killed) signal(pid, "SIGKILL");
    await eventually("Somebody who stands in", () => supervisors(session).some(({ pid }) => !killed.includes(pid)));
    const before = workersOf(session);
    const [victim = 0] = stage().runsOf(0);
    signal(victim, "SIGKILL");
    await eventually("A worker in its place", () => workersOf(session).some((pid) => !before.includes(pid)));
    // Nor is it the last that can be lost.
    for (const { pid } of supervisors(session)) signal(pid, "SIGKILL");
    stage().openGate(0);
    await eventually("All outcomes", async () => (await hands.collect(session, false)).length === 30);
    await noneLeft(session);
    // Who was lost may have been seen by nobody who lived to say so.
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(30);
  });
});
