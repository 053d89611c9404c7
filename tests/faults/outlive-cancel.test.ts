import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { killAll, noneLeft } from "./outlive/processes.ts";
import { onEveryStage } from "./outlive/stage.ts";
import type { Stage } from "./outlive/stage.ts";
import { eventually } from "./session-under-test.ts";

const all = (count: number, told: object) => Array.from({ length: count }, (_, task) => ({ task, ...told }));
const cancelled = { status: "cancelled" };

await onEveryStage((stage) => {
  test.each<[string, number, (at: Stage, session: string) => Promise<void>]>([
    ["before any task has begun", 0, async () => undefined],
    ["while tasks run", 0, (at) => at.running(2)],
    [
      "at the last task",
      29,
      async (at, session) => {
        await at.running(2);
        at.openGate(0);
        await eventually("All but one outcome", async () => (await at.hands.status(session)).succeeded === 29);
      },
    ],
    [
      "with no worker alive",
      0,
      async (at, session) => {
        await at.running(2);
        await at.hands.leave();
        await killAll(session);
      },
    ],
  ])("cancelled %s: what has no outcome is cancelled, and nothing runs any more", async (_, done, phase) => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "gated", inputs: stage().scenes(30, (n) => (n === 0 ? 1 : 0)) });
    await phase(stage(), session);
    await hands.cancel(session);
    await eventually("The last outcome", async () => (await hands.status(session)).cancelled === 30 - done);
    const told = done === 0 ? cancelled : { status: "succeeded", value: 0 };
    expect(await hands.collect(session, false)).toEqual([{ task: 0, ...cancelled }, ...all(30, told).slice(1)]);
    expect(await hands.status(session)).toMatchObject({ state: "cancelled", running: 0 });
    await noneLeft(session);
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(30);
  });

  test("one task is cancelled while it runs, and the others go on", async () => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "gated", inputs: stage().scenes(10, (n) => (n === 1 ? 1 : 0)) });
    await stage().running(2);
    await hands.cancel(session, 1);
    stage().openGate(0);
    expect(await hands.collect(session, true)).toEqual(
      all(10, { status: "succeeded", value: 0 }).map((told, n) => (n === 1 ? { task: 1, ...cancelled } : told)),
    );
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(10);
  });
});
