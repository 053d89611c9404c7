import type { Receipt } from "@skyburst/core";
import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import type { Billed } from "./fleet/room.ts";
import { noneLeft } from "./outlive/processes.ts";
import { eventually } from "./session-under-test.ts";

/** A dollar a second. */
const perHour = 3600;

/** What the provider will have of us. */
function billed(bill: readonly Billed[], minimumBilling: number): number {
  return bill.reduce(
    (sum, { startedAt, stoppedAt = Number.NaN }) => sum + Math.max(minimumBilling, stoppedAt - startedAt) / 1000,
    0,
  );
}

await onEveryFleetStage((stage) => {
  test("a budget reached in the middle, extended, ended: the receipt is what the provider bills", async () => {
    const { renter, room, rented, ground, way } = stage();
    const minimumBilling = way === "API" ? 2000 : 0;
    rented.terms = { perHour, minimumBilling };
    // Who supervises hears from the provider a little later than the test does.
    const receiptOfAll = () =>
      eventually("The provider's word of all workers", async () => {
        const receipt = await renter.receipt(session);
        return receipt.workers.told === room.bill(session).length && receipt;
      });
    const isAsBilled = ({ cost }: Receipt) => {
      const due = billed(room.bill(session), minimumBilling);
      expect(Math.abs((cost.workers?.amount ?? 0) - due) / due).toBeLessThan(0.02);
      expect(cost.workers?.currency).toBe("USD");
    };
    // Six seconds and more: the money is used up before.
    const inputs = Array.from({ length: 120 }, () => 50);
    const { session } = await renter.submit({ task: "slow", inputs, budget: 4 });
    await eventually("The pause", async () => (await stage().status(session)).state === "paused");
    await eventually("The workers' leave", () => room.living(session).length === 0);
    const bill = room.bill(session);
    expect(await renter.collectUntilPaused(session)).toMatch(/budget/);
    isAsBilled(await receiptOfAll());
    expect(room.bill(session)).toEqual(bill);
    await renter.extend(session, 1000);
    const heard = await renter.collect(session);
    expect(heard).toEqual(inputs.map((value, task) => ({ task, status: "succeeded", attempts: 1, value })));
    await noneLeft(session);
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(inputs.length);
    const receipt = await receiptOfAll();
    isAsBilled(receipt);
    expect(receipt).toMatchObject({ final: true, tasks: { tasks: 120, succeeded: 120, failed: 0, cancelled: 0 } });
    expect(receipt.unknown).not.toContain("workers");
    expect(receipt.workers.processes).toBe(room.bill(session).length);
    const types = (await renter.events(session)).map(({ type }) => type);
    expect(types.filter((type) => type === "paused" || type === "extended")).toEqual(["paused", "extended"]);
  });
});
