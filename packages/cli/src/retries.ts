import type { Retries } from "@skyburst/core";
import { natural } from "./quantities.ts";

/** What may be to blame for a failed attempt, and has a number of further attempts of its own. */
const blames = ["user", "timeout", "oom", "lost", "infrastructure"] as const;

/** `2`, or `user=2,oom=1,lost=4`. @throws {RangeError} saying what to give. */
export function retries(text: string): Retries {
  if (!text.includes("=")) return natural(text);
  const budgets: { [blame in (typeof blames)[number]]?: number } = {};
  for (const part of text.split(",")) {
    const [name = "", number = ""] = part.split("=", 2).map((word) => word.trim());
    const blame = blameNamed(name);
    if (budgets[blame] !== undefined) throw new RangeError(`${blame} is there twice.`);
    budgets[blame] = natural(number);
  }
  return budgets;
}

function blameNamed(name: string): (typeof blames)[number] {
  const blame = blames.find((known) => known === name);
  if (blame !== undefined) return blame;
  throw new RangeError(
    name === "spot"
      ? "Spot losses never count: a task that lost its worker so always runs again. Leave spot out."
      : `Nothing is to blame that is called ${JSON.stringify(name)}: there are ${blames.join(", ")}.`,
  );
}
