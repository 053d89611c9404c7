import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listSessions } from "@skyburst/core";
import type { StateStore } from "@skyburst/core";
import { facts as factsOf, listAll, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { eventually } from "./session-under-test.ts";
import { noneLeft, workersOf } from "./outlive/processes.ts";
import { onEveryStage } from "./outlive/stage.ts";

const all = (count: number, told: object) => Array.from({ length: count }, (_, task) => ({ task, ...told }));

/** Leases of those who were taken for lost. */
async function takeovers(store: StateStore, session: string): Promise<number> {
  const { leases } = sessionKeys(session);
  const { entries } = await listAll(factsOf(store, systemRuntime), leases);
  return entries.filter(({ key }) => !key.endsWith(".0001")).length;
}

await onEveryStage((stage) => {
  test("paused at its deadline, and extended, it comes to its end", async () => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "gated", inputs: stage().scenes(10), deadline: 1500 });
    await eventually("The pause", async () => (await hands.status(session)).state === "paused");
    await eventually("The workers' leave", () => workersOf(session).length === 0);
    stage().openGate(0);
    await expect(hands.collect(session, true)).rejects.toThrow("deadline");
    await hands.extend(session, 600_000);
    expect(await hands.collect(session, true)).toEqual(all(10, { status: "succeeded", value: 0 }));
    expect(await hands.status(session)).toMatchObject({ state: "done", succeeded: 10 });
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(10);
  });

  test("failed tasks are run again while others run, and after the end", async () => {
    const { hands, ground, scratch } = stage();
    const inputs = stage().scenes(6, (n) => (n === 0 ? 0 : n % 2 === 0 ? 1 : -1));
    const session = await hands.submit({ task: "flagged", inputs });
    await stage().running(2);
    stage().openGate(1);
    const count = (status: "succeeded" | "failed", many: number) => async () =>
      (await hands.status(session))[status] === many;
    await eventually("Three failures", count("failed", 3));
    await hands.retry(session);
    await eventually("Their second failures", () => [1, 3, 5].every((task) => stage().runsOf(task).length > 1));
    await eventually("Three failures again", count("failed", 3));
    stage().openGate(0);
    const before = inputs.map(({ n }, task) =>
      n < 0 ? { task, status: "failed" } : { task, status: "succeeded", value: n },
    );
    expect(await hands.collect(session, true)).toEqual(before);
    writeFileSync(join(scratch, "flag"), "");
    await hands.retry(session);
    expect(await hands.collect(session, true)).toEqual(
      inputs.map(({ n }, task) => ({ task, status: "succeeded", value: n })),
    );
    const runs = [0, 1, 2, 3, 4, 5].map((task) => stage().runsOf(task).length);
    const more = runs.map((count, task) => count - (task % 2 === 0 ? 1 : 3));
    expect(Math.min(...more)).toBe(0);
    // On a machine with too much to do a worker may be taken for lost: its task runs once more.
    expect(more.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(await takeovers(ground.store, session));
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(6);
  });

  test("removed under live workers: they stop, and nothing is left of it but its ledger", async () => {
    const { hands, ground } = stage();
    const session = await hands.submit({ task: "gated", inputs: stage().scenes(30) });
    await stage().running(2);
    await hands.remove(session, false);
    await noneLeft(session);
    expect((await listSessions(ground.store)).map(({ id }) => id)).toEqual([]);
    const { root, manifests } = sessionKeys(session);
    const { entries } = await listAll(factsOf(ground.store, systemRuntime), root);
    expect(entries.map(({ key }) => key).filter((key) => !key.startsWith(manifests))).toEqual([]);
    await expect(hands.status(session)).rejects.toThrow(session);
    await expect(hands.collect(session, true)).rejects.toThrow(session);
  });
});
