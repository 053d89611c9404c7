import { expect, test } from "vitest";
import { onEveryFleetStage } from "./fleet/stage.ts";

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
});
