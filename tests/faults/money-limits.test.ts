import { listSessions } from "@skyburst/core";
import { expect, test } from "vitest";
import { onEveryFleetStage } from "./fleet/stage.ts";
import type { Billed } from "./fleet/room.ts";
import { noneLeft } from "./outlive/processes.ts";
import { eventually } from "./session-under-test.ts";

/** Most workers at a time. */
function most(bill: readonly Billed[]): number {
  const at = (time: number) =>
    bill.filter(({ startedAt, stoppedAt = Number.POSITIVE_INFINITY }) => startedAt <= time && time < stoppedAt).length;
  return Math.max(...bill.map(({ startedAt }) => at(startedAt)));
}

await onEveryFleetStage((stage) => {
  test("what workers may cost per hour is never passed, though some are lost and many are wanted", async () => {
    const { renter, room, rented } = stage();
    rented.terms = { perHour: 1 };
    const { session } = await renter.submit({ task: "gated", inputs: stage().scenes(12), workers: 6, maxRate: 3.5 });
    await stage().running(3);
    const [victim] = room.living(session);
    stage().take(victim?.id ?? "", "spot");
    await eventually("Another worker", () => room.statuses(session).length === 4);
    stage().openGate(0);
    expect(
      (await renter.collect(session)).every(({ status, attempts }) => status === "succeeded" && attempts === 1),
    ).toBe(true);
    await noneLeft(session);
    expect(most(room.bill(session))).toBe(3);
  });

  test("spending of which somebody wants to be told is told once: by a line and by an event", async () => {
    const { renter, rented, ground, way } = stage();
    rented.terms = { perHour: 3600 };
    const inputs = Array.from({ length: 100 }, () => 50);
    const { heard, said } = await renter.map({ task: "slow", inputs, warnAt: 1 });
    expect(heard).toHaveLength(100);
    // Who calls the API reads the event.
    expect(said.match(/^skyburst: warning: .*USD 1\b.*$/gm) ?? []).toHaveLength(way === "command" ? 1 : 0);
    const [entry] = await listSessions(ground.store);
    const warnings = (await renter.events(entry?.id ?? "")).filter(({ type }) => type === "warned");
    expect(warnings).toMatchObject([{ message: expect.stringMatching(/USD 1\b/) }]);
  });
});
