import { SkyburstError } from "../errors.ts";
import { mostAttempts } from "../protocol/budgets.ts";
import type { Fault } from "../protocol/budgets.ts";
import type { SubmissionOptions } from "../protocol/ledger.ts";

/**
 * Further attempts of a task after one that failed: a number for failures of its own (`user`, `timeout` and `oom`, each for itself), or
 * so many for each kind. Defaults: `user`, `timeout` and `oom` 0, `infrastructure` 3; `lost` 4, which counts silent workers that ran the
 * task alone. A task that ends its workers is run no more after two such ends alone, however small the budget, and a spot loss never counts.
 */
export type Retries = number | { readonly [Kind in Fault]?: number | undefined };

const kinds: readonly string[] = ["user", "timeout", "oom", "lost", "infrastructure"] satisfies Fault[];

/**
 * What the ledger says of it. @throws {SkyburstError} `option`.
 *
 * @param grows An attempt after one that ran out of memory has more of it: where nobody says how many, there is one.
 */
export function retryBudgets(
  retries: Retries | undefined,
  grows = false,
): Pick<SubmissionOptions, "retries" | "budgets"> {
  const said = budgetsOf(retries === undefined ? 0 : retries);
  const isSaid = typeof retries === "object" ? retries.oom !== undefined : retries !== undefined;
  return grows && !isSaid ? { ...said, budgets: { ...said.budgets, oom: 1 } } : said;
}

function budgetsOf(retries: Retries): Pick<SubmissionOptions, "retries" | "budgets"> {
  if (typeof retries !== "object" || retries === null) return { retries: checked("retries", retries) };
  const given = Object.entries(retries).filter((entry): entry is [string, number] => entry[1] !== undefined);
  for (const [kind, value] of given) {
    if (kind === "spot")
      throw new SkyburstError(
        "option",
        "retries.spot can't be given: a spot loss never counts against a task's retries. Leave it out.",
      );
    if (!kinds.includes(kind))
      throw new SkyburstError("option", `There is no retries.${kind}: failures are of ${kinds.join(", ")}.`);
    checked(`retries.${kind}`, value);
  }
  return given.length === 0 ? { retries: 0 } : { retries: 0, budgets: Object.fromEntries(given) };
}

function checked(name: string, value: number): number {
  const most = mostAttempts - 1;
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw new SkyburstError("option", `${name} is ${value}; it has to be a whole number from 0 to ${most}.`);
}
