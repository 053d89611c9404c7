import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { noneLeft, signal } from "./outlive/processes.ts";
import { eventually } from "./session-under-test.ts";

const succeeded = (count: number) =>
  Array.from({ length: count }, (_, task) => ({ task, status: "succeeded", attempts: 1, value: 0 }));

/** Milliseconds. Long enough that none of those who live is taken for silent on a busy machine, and launched for. */
const ttl = 4000;

await onEveryFleetStage((stage) => {
  test.each([
    { fatal: "before", token: true },
    { fatal: "after", token: false },
  ] as const)(
    "a supervisor that dies $fatal its launch took effect: the next one makes it whole, and starts nothing twice",
    async ({ fatal, token }) => {
      const { renter, room, rented } = stage();
      rented.terms = { token, ttl };
      const { session } = await renter.submit({ task: "gated", inputs: stage().scenes(4) });
      await stage().running(2);
      room.conditions = { fatal };
      const [victim] = room.living(session);
      stage().take(victim?.id ?? "", "lost");
      await eventually("The launch", () => room.conditions.fatal === undefined);
      const [, decided] = await stage().launches(session);
      expect(decided).toMatchObject({ n: 1, count: 1, started: undefined });
      const collecting = renter.collect(session);
      await eventually("An answer", async () => (await stage().launches(session))[1]?.started === 1);
      await eventually("Its worker", () => room.living(session).length === 2);
      stage().openGate(0);
      expect(await collecting).toEqual(succeeded(4));
      await noneLeft(session);
      const machines = room.statuses(session).map(({ launch, slot }) => `${launch}.${slot}`);
      expect(machines).toEqual(["0.0", "0.1", "1.0"]);
      expect((await checkSession(stage().ground.store, session, { ended: false })).size).toBe(4);
    },
  );

  test("of two supervisors one is frozen: the other keeps up the fleet, and both together launch nothing twice", async () => {
    const { renter, room, rented } = stage();
    rented.terms = { ttl };
    const { session, supervisor } = await renter.submit({ task: "gated", inputs: stage().scenes(8), workers: 3 });
    await stage().running(3);
    signal(supervisor, "SIGSTOP");
    await renter.standBy(session);
    const [victim] = room.living(session);
    stage().take(victim?.id ?? "", "lost");
    await eventually("A worker in its place", () => room.statuses(session).length === 4);
    signal(supervisor, "SIGCONT");
    stage().openGate(0);
    expect(await renter.collect(session)).toEqual(succeeded(8));
    await noneLeft(session);
    const launches = await stage().launches(session);
    expect(launches.map(({ count }) => count)).toEqual([3, 1]);
    expect(new Set(launches.map(({ by }) => by)).size).toBe(2);
    expect(room.statuses(session)).toHaveLength(4);
    expect((await checkSession(stage().ground.store, session, { ended: false })).size).toBe(8);
  });
});
