import type { Patch } from "../rules.ts";

/** Bugs of who keeps a fleet, and of what is told of it: as they would stand in the code. */
export const ofFleets: Readonly<Record<string, readonly Patch[]>> = {
  "no start timeout": [
    {
      file: supervise("fleet/first-worker"),
      from: "if (left > 0) return left;",
      to: "if (left > Number.NEGATIVE_INFINITY) return Math.max(left, 1000);",
    },
  ],
  "a refusal taken as an accepted launch": [
    {
      file: supervise("launch/refusals"),
      from: "if (!first) return this.#accepted(asked, more);",
      to: "if (!first || asked > 0) return this.#accepted(asked, more);",
    },
  ],
  "no look at the room that there is": [
    {
      file: "core/src/plan-fleet.ts",
      from: "if (capacity !== undefined) {",
      to: "if (capacity !== undefined && capacity < 0) {",
    },
  ],
  "workers that start are not counted": [
    {
      file: supervise("launch/planner"),
      from: "live: [...fleet.live.keys()],",
      to: "live: [...fleet.live.keys()].filter((id) => !births.pending(fleet.live).includes(id)),",
    },
  ],
  "the rate of all together is forgotten": [
    { file: supervise("money/spending"), from: "return maxRate ?", to: "return maxRate && maxRate.amount < 0 ?" },
  ],
  "the time of an exit is not billed": [
    {
      file: "core/src/session/status/worker-times.ts",
      from: "const to = exit.stoppedAt ?? gone ?? born;",
      to: "const to = gone === undefined ? born : born + 1;",
    },
  ],
  "the shortest billed time is forgotten": [
    {
      file: "core/src/session/status/worker-times.ts",
      from: "return Math.max((to ?? now) - from, minimum);",
      to: "return Math.max((to ?? now) - from, minimum * 0);",
    },
  ],
  "what ran out of memory is tried again on as little": [
    {
      file: "core/src/protocol/claim.ts",
      from: "if (needed <= memory) return true;",
      to: "if (needed >= 0) return true;",
    },
  ],
  "nobody is launched with more memory": [
    {
      file: supervise("launch/memory-needs"),
      from: "this.#memory = Math.max(this.#memory, needs);",
      to: "this.#memory = Math.min(this.#memory, needs);",
    },
  ],
  "one budget for all blames": [
    {
      file: "core/src/protocol/budgets.ts",
      from: "if ((spent[blame] ?? 0) > budgetOf(options, blame)",
      to: "if (item.attempt > budgetOf(options, blame)",
    },
  ],
};

function supervise(name: string): string {
  return `core/src/session/supervise/${name}.ts`;
}
