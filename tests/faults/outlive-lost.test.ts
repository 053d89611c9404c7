import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { noneLeft, processesOf, signal, workersOf } from "./outlive/processes.ts";
import { onEveryStage } from "./outlive/stage.ts";
import { readSessionObjects } from "./session-objects.ts";
import { eventually } from "./session-under-test.ts";

const succeeded = (count: number, value: (task: number) => unknown) =>
  Array.from({ length: count }, (_, task) => ({ task, status: "succeeded", value: value(task) }));

await onEveryStage((stage) => {
  test("a worker that is killed: its task runs elsewhere, and the fleet is as large as before", async () => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "gated", inputs: stage().scenes(2) });
    await stage().running(2);
    const [victim = 0] = stage().runsOf(0);
    signal(victim, "SIGKILL");
    await eventually("The second run of the first task", () => stage().runsOf(0).length === 2);
    expect(workersOf(session)).toHaveLength(2);
    stage().openGate(0);
    expect(await hands.collect(session, true)).toEqual(succeeded(2, () => 0));
    await noneLeft(session);
    expect((await checkSession(ground.store, session)).size).toBe(2);
  });

  test("a worker that is frozen for longer than its lease lives: its late commit loses, and it notices", async () => {
    const { hands, ground } = stage();
    const scenes = stage().scenes(2, (n) => n);
    const session = await hands.submit({ task: "stubborn", inputs: scenes, open: true });
    await stage().running(2);
    const [frozen = 0] = stage().runsOf(0);
    signal(frozen, "SIGSTOP");
    stage().openGate(1);
    await eventually("The second run of the first task", () => stage().runsOf(0).length === 2);
    stage().openGate(0);
    await eventually("Its outcome", async () => (await hands.collect(session, false)).length === 2);
    signal(frozen, "SIGCONT");
    // It goes on, with what is new: of what it held nothing is left to it.
    await hands.add(session, { task: "stubborn", inputs: stage().scenes(6, () => 2) });
    // They are numbered within what was added.
    await eventually(
      "Work of the frozen worker",
      () => [0, 1, 2, 3, 4, 5].flatMap((index) => stage().runsOf(index)).filter((pid) => pid === frozen).length === 2,
    );
    stage().openGate(2);
    await hands.end(session);
    expect(await hands.collect(session, true)).toEqual(succeeded(8, (n) => Math.min(n, 2)));
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(8);
    const { commits, leases, keys } = await readSessionObjects(ground.store, session);
    const commit = commits.find(({ lines }) => lines.some(({ task }) => task === 0));
    expect(commit?.commit.header.epoch).toBe(2);
    expect(leases.get(keys.lease({ s: 0, i: 0, t: 0, e: 2 }))?.lease.because).toBe("lost");
  });

  test("workers finish what is there though nobody supervises them", async () => {
    const { hands, ground } = stage();
    const session = await hands.abandon({ task: "gated", inputs: stage().scenes(30) }, "SIGKILL");
    await stage().running(2);
    for (const { pid, role } of processesOf(session)) if (role === "supervisor") signal(pid, "SIGKILL");
    stage().openGate(0);
    await eventually("All outcomes", async () => (await hands.collect(session, false)).length === 30);
    await noneLeft(session);
    expect((await checkSession(ground.store, session)).size).toBe(30);
  });
});
