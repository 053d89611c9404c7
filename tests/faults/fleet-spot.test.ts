import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { noneLeft } from "./outlive/processes.ts";
import { eventually } from "./session-under-test.ts";

/** Losses on one stage after the other, by notice and without one in turn: as many as a bad minute has, and then what each stage does with some. */
const storms = [60, 6, 6, 6];

await onEveryFleetStage((stage) => {
  const losses = storms.shift() ?? 6;
  test(`${losses} spot losses, one after the other, of workers at work: each task has its outcome once, and no attempt is used up`, async () => {
    const { renter, room, ground } = stage();
    const { session } = await renter.submit({ task: "gated", inputs: stage().scenes(12), workers: 3 });
    const lost = new Set<string>();
    let noticeIsOver = () => {};
    for (let loss = 0; loss < losses; loss++) {
      const id = await eventually("A worker at work", () => {
        const pids = new Set(Array.from({ length: 12 }, (_, task) => stage().runsOf(task)).flat());
        return room.living(session).find(({ id }) => !lost.has(id) && pids.has(room.pidsOf(id).worker ?? 0))?.id;
      });
      lost.add(id);
      noticeIsOver();
      if (loss % 2 === 0) stage().take(id, "spot");
      else noticeIsOver = stage().reclaim(id);
    }
    noticeIsOver();
    stage().openGate(0);
    expect(await renter.collect(session)).toEqual(
      Array.from({ length: 12 }, (_, task) => ({ task, status: "succeeded", attempts: 1, value: 0 })),
    );
    await noneLeft(session);
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(12);
    const exits = room.statuses(session).map(({ exit }) => exit?.reason);
    expect(exits.filter((reason) => reason === "spot")).toHaveLength(losses);
    expect((await renter.events(session)).filter(({ type }) => type === "retried")).toEqual([]);
  });
});
