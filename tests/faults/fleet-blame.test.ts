import { expect, test } from "vitest";
import { checkSession } from "./invariants.ts";
import { onEveryFleetStage } from "./fleet/stage.ts";
import { eventually } from "./session-under-test.ts";

await onEveryFleetStage((stage) => {
  test.each([
    { blame: "user", task: "rejecting", input: 1, retries: { user: 1, timeout: 5 } },
    { blame: "timeout", task: "slow", input: 600_000, retries: { user: 5, timeout: 1 } },
  ] as const)("failures of $blame have attempts of their own", async ({ blame, task, input, retries }) => {
    const { heard } = await stage().renter.map({ task, inputs: [input, 0], retries, timeout: 500 });
    expect(heard).toMatchObject([
      { task: 0, status: "failed", blame, attempts: 2 },
      { task: 1, status: "succeeded", attempts: 1 },
    ]);
  });

  test.each([
    // The first two deaths may be anybody's; from then on the task runs alone.
    { why: "error", blame: "user", retries: { user: 2, oom: 9, lost: 9 }, runs: 5 },
    { why: "oom", blame: "oom", retries: { user: 9, oom: 2, lost: 9 }, runs: 5 },
    { why: "lost", blame: "lost", retries: { user: 9, oom: 9, lost: 2 }, runs: 5 },
  ] as const)(
    "a task whose workers all end by $why is given up when the attempts for that are used up, and $blame is to blame",
    async ({ why, blame, retries, runs }) => {
      const { renter, room, ground } = stage();
      const { session } = await renter.submit({ task: "gated", inputs: stage().scenes(1), workers: 1, retries });
      const lost = new Set<string>();
      for (let run = 1; run <= runs; run++) {
        const id = await eventually(
          `Run ${run}`,
          () =>
            room.living(session).find(
              ({ id }) =>
                !lost.has(id) &&
                stage()
                  .runsOf(0)
                  .includes(room.pidsOf(id).worker ?? 0),
            )?.id,
        );
        lost.add(id);
        stage().take(id, why);
      }
      const heard = await renter.collect(session);
      expect(heard).toMatchObject([{ task: 0, status: "failed", blame }]);
      expect(heard[0]?.message).toMatch(new RegExp(`skyburst reproduce ${session} --task 0$`));
      expect(stage().runsOf(0)).toHaveLength(runs);
      expect((await checkSession(ground.store, session, { ended: false })).size).toBe(1);
    },
  );
});
