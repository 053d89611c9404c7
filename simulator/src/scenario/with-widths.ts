import { Random } from "../random.ts";
import type { Scenario } from "./scenario.ts";

/** Inputs of a third of all submissions are more than a number: some ride behind the ledger's entries, and some are objects. */
export function withWidths(plain: Scenario): Scenario {
  const random = new Random(plain.seed).fork("widths");
  return {
    ...plain,
    submissions: plain.submissions.map((submission) =>
      random.chance(0.3) ? { ...submission, width: random.pick([300, 3000]) } : submission,
    ),
  };
}
