import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { noneLeft } from "./outlive/processes.ts";

const tasks = 10_000;
const poison = 4321;

await onEveryFleetStage((stage) => {
  test(`one of ${tasks} tasks kills its workers: it is found, fails alone, and the line in its error runs it again`, async () => {
    const { renter, ground, room } = stage();
    const inputs = stage().scenes(tasks, (n) => (n === poison ? -1 : n));
    const { session } = await renter.submit({ task: "killer", inputs });
    const heard = await renter.collect(session);
    expect(heard.map(({ task }) => task)).toEqual(Array.from({ length: tasks }, (_, task) => task));
    const failed = heard.filter(({ status }) => status !== "succeeded");
    expect(failed).toMatchObject([{ task: poison, status: "failed", blame: "user" }]);
    expect(heard.every(({ task, value, attempts }) => task === poison || (value === task && attempts === 1))).toBe(
      true,
    );
    await noneLeft(session);
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(tasks);
    const runs = stage().runsOf(poison).length;
    expect(runs).toBeGreaterThan(2);
    // Each run of it cost a worker, and nothing else did.
    expect(room.statuses(session).filter(({ exit }) => exit?.reason === "error")).toHaveLength(runs);
    const [report] = failed;
    if (!report) throw new Error("There is no report.");
    expect(await renter.reproduce(session, report)).toEqual({ died: true });
    expect(stage().runsOf(poison)).toHaveLength(runs + 1);
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(tasks);
  }, 180_000);
});
