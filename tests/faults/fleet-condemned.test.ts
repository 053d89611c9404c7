import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { eventually } from "./session-under-test.ts";

/** By which end the workers of each task go, and who is to blame for it then. */
const ends = [
  { why: "error", blame: "user" },
  { why: "oom", blame: "oom" },
  { why: "lost", blame: "lost" },
] as const;
const retries = { user: 1, oom: 1, lost: 1 };
/** The first two deaths may be anybody's; from then on the task runs alone. */
const runs = 2 + 2;

await onEveryFleetStage((stage) => {
  test("tasks whose workers all end are given up when the attempts for that are used up, each with its own to blame", async () => {
    const { renter, room, ground } = stage();
    const inputs = stage().scenes(ends.length + 1);
    const { session } = await renter.submit({ task: "gated", inputs, workers: inputs.length, retries });
    const lost = new Set<string>();
    for (let run = 1; run <= runs; run++)
      for (const [task, { why }] of ends.entries()) {
        const id = await eventually(`Run ${run} of task ${task}`, () => {
          const pids = stage().runsOf(task);
          return room.living(session).find(({ id }) => !lost.has(id) && pids.includes(room.pidsOf(id).worker ?? 0))?.id;
        });
        lost.add(id);
        stage().take(id, why);
      }
    stage().openGate(0);
    const heard = await renter.collect(session);
    const failed = ends.map(({ blame }, task) => ({ task, status: "failed", blame }));
    expect(heard).toMatchObject([...failed, { task: ends.length, status: "succeeded", attempts: 1 }]);
    for (const { task, message } of heard.slice(0, ends.length)) {
      expect(message).toMatch(new RegExp(`skyburst reproduce ${session} --task ${task}$`));
      expect(stage().runsOf(task)).toHaveLength(runs);
    }
    expect((await checkSession(ground.store, session, { ended: false })).size).toBe(inputs.length);
  });
});
