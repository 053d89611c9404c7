import { usd } from "@skyburst/core";
import type { OpenOptions } from "@skyburst/core";
import type { Stack } from "./stack.ts";

/** The limits of a session that begins now, by the clock of its store. */
export async function sessionLimits({
  store,
  deadline,
  idleTimeout,
  budget,
  warnAt,
  maxRate,
  startTimeout,
}: Stack): Promise<Pick<OpenOptions, "deadline" | "idleTimeout" | "budget" | "warnAt" | "maxRate" | "startTimeout">> {
  return {
    ...(deadline === undefined
      ? {}
      : { deadline: "at" in deadline ? deadline.at : (await store.now()) + deadline.later }),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(budget === undefined ? {} : { budget: usd(budget) }),
    ...(warnAt === undefined ? {} : { warnAt: usd(warnAt) }),
    ...(maxRate === undefined ? {} : { maxRate: usd(maxRate).perHour }),
    ...(startTimeout === undefined ? {} : { startTimeout }),
  };
}
