import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { noneLeft } from "./outlive/processes.ts";
import { readSessionObjects } from "./session-objects.ts";
import { eventually } from "./session-under-test.ts";

const succeeded = (count: number) =>
  Array.from({ length: count }, (_, task) => ({ task, status: "succeeded", attempts: 1, value: 0 }));

/** What the provider says of it, what the session then does, and why somebody else has what was held. */
const ends = [
  { why: "error", reason: "crash", because: "crash" },
  { why: "oom", reason: "oom", because: "oom" },
  { why: "lost", reason: "lost", because: "lost" },
  { why: "spot", reason: "spot", because: "left" },
] as const;

await onEveryFleetStage((stage) => {
  test("workers that are lost one after the other, until none is left: new ones come, and each task has its outcome once", async () => {
    const { renter, room } = stage();
    const { session } = await renter.submit({ task: "gated", inputs: stage().scenes(6), workers: 3 });
    await stage().running(3);
    const first = room.living(session).map(({ id }) => id);
    // None comes in the place of those who are lost, until none is left.
    room.conditions = { quota: 0 };
    for (const [index, id] of first.entries()) {
      stage().take(id, "lost");
      await eventually("Its end", () => room.living(session).length === first.length - 1 - index);
    }
    room.conditions = {};
    await eventually("New workers", () => room.living(session).some(({ state }) => state === "running"));
    stage().openGate(0);
    expect(await renter.collect(session)).toEqual(succeeded(6));
    await noneLeft(session);
    expect((await checkSession(stage().ground.store, session, { ended: false })).size).toBe(6);
  });

  test("what was held by workers whose end is reported is free at once: no lease has to come of age for it", async () => {
    const { renter, room, rented, ground } = stage();
    // Nobody would live to see it.
    rented.terms = { ttl: 3_600_000 };
    const { session } = await renter.submit({
      task: "gated",
      inputs: stage().scenes(ends.length),
      workers: ends.length,
    });
    await stage().running(ends.length);
    const victims = ends.map(({ why }, task) => {
      const [pid] = stage().runsOf(task);
      const victim = room.living(session).find(({ id }) => room.pidsOf(id).worker === pid);
      if (!victim) throw new Error(`No machine has a worker ${pid}.`);
      stage().take(victim.id, why);
      return victim;
    });
    for (const task of ends.keys())
      await eventually(`The second run of task ${task}`, () => stage().runsOf(task).length === 2);
    stage().openGate(0);
    expect(await renter.collect(session)).toEqual(succeeded(ends.length));
    const { leases } = await readSessionObjects(ground.store, session);
    for (const [task, { reason, because }] of ends.entries()) {
      const victim = victims[task];
      expect(await stage().lastWords(session, victim ?? { launch: 0, slot: 0 })).toMatchObject([{ reason }]);
      // One task a chunk.
      expect([...leases.values()].find(({ id }) => id.i === task && id.e === 2)?.lease).toMatchObject({ because });
    }
  });
});
