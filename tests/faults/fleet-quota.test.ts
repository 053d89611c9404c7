import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { noneLeft } from "./outlive/processes.ts";
import { eventually } from "./session-under-test.ts";

const succeeded = (count: number) =>
  Array.from({ length: count }, (_, task) => ({ task, status: "succeeded", attempts: 1, value: 0 }));

await onEveryFleetStage((stage) => {
  test("a quota that is full for a while: who is refused waits, says so, and takes what becomes free", async () => {
    const { renter, room } = stage();
    room.conditions = { quota: 1 };
    const { session } = await renter.submit({ task: "gated", inputs: stage().scenes(12), workers: 4 });
    await stage().running(1);
    await eventually("A refusal", async () =>
      (await stage().launches(session)).some(({ refused }) => refused.some(({ kind }) => kind === "quota")),
    );
    await eventually("Word of it", async () => (await stage().status(session)).fleet?.refused?.kind === "quota");
    expect(room.living(session)).toHaveLength(1);
    room.conditions = { quota: 3 };
    await stage().running(3);
    room.conditions = {};
    await stage().running(4);
    stage().openGate(0);
    expect(await renter.collect(session)).toEqual(succeeded(12));
    await noneLeft(session);
    expect((await checkSession(stage().ground.store, session, { ended: false })).size).toBe(12);
  });

  test("room that a provider tells of is taken as there is some, and behind the first wave nobody asks for more than there is", async () => {
    const { renter, room } = stage();
    room.conditions = { capacity: 2 };
    const { session } = await renter.submit({ task: "gated", inputs: stage().scenes(8), workers: 4 });
    await stage().running(2);
    room.conditions = { capacity: 3 };
    await stage().running(3);
    stage().openGate(0);
    expect(await renter.collect(session)).toEqual(succeeded(8));
    await noneLeft(session);
    const launches = await stage().launches(session);
    expect(launches[0]).toMatchObject({ count: 4, started: 2 });
    expect(launches[1]).toMatchObject({ count: 1, started: 1 });
    expect(launches.slice(1).flatMap(({ refused }) => refused)).toEqual([]);
  });
});
