import type { FleetStatus, Rate, SessionStatus } from "@skyburst/core";
import { span } from "../progress/figures.ts";
import { money } from "./money.ts";
import { stateWord } from "./state-word.ts";

export interface StatusContext {
  /** Milliseconds, on the store's clock. */
  readonly now: number;
  /** Of one worker. undefined: nobody knows. */
  readonly rate: Rate | undefined;
}

/** A status for people, a line for each thing that there is to say. */
export function statusText(id: string, found: SessionStatus, context: StatusContext): string {
  const { now } = context;
  const { name, created, tasks, succeeded, failed, cancelled, running, pending, workers, fleet } = found;
  const lines: (readonly [string, string | number | undefined])[] = [
    ["session", name === undefined ? id : `${id} (${name})`],
    ["state", stateOf(found)],
    ["age", span(Math.max(0, (now - created) / 1000))],
    ["tasks", tasks],
    ["succeeded", succeeded],
    ["failed", failed],
    ["cancelled", cancelled],
    ["running", running],
    ["pending", pending],
    ["taken over", found.takeovers && `${found.takeovers} of a worker that ended or fell silent, by another`],
    ["rate", running + pending > 0 ? pace(found.rate) : undefined],
    ["eta", found.eta === undefined ? undefined : span(found.eta / 1000)],
    ["workers", workers],
    ["fleet", isOver(found) || !fleet ? undefined : fleetLine(fleet, workers)],
    ["supervisor", supervisorOf(found)],
    ["deadline", found.deadline === undefined ? undefined : moment(found.deadline, now)],
    ["cost", costLine(found, context)],
    ["budget", budgetLine(found)],
    ["max rate", found.maxRate && `${money(found.maxRate)}/h`],
    ["warn at", found.warnAt && `${money(found.warnAt)}${found.warned === undefined ? "" : `: ${found.warned}`}`],
  ];
  return lines.flatMap(([label, value]) => (value === undefined ? [] : [`${label.padEnd(10)}  ${value}\n`])).join("");
}

function pace(rate: number): string | undefined {
  if (rate === 0) return undefined;
  return `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

function stateOf(found: SessionStatus): string {
  const word = stateWord(found);
  return found.paused === undefined ? word : `${word}: ${found.paused}`;
}

/** Behind the end nobody is needed. */
function isOver({ state }: SessionStatus): boolean {
  return state === "done" || state === "cancelled" || state === "removed";
}

/** @param workers Those that have come to work by now: the plan may be some seconds old. */
function fleetLine({ live, pending, wanted, because }: FleetStatus, workers: number): string {
  const starting = Math.min(pending, Math.max(0, live - workers));
  const parts = [
    `${live} live`,
    starting > 0 ? `${starting} of them starting` : "",
    wanted > live ? `${wanted} wanted` : "",
  ];
  return `${parts.filter((part) => part !== "").join(", ")}: ${because}`;
}

function supervisorOf(found: SessionStatus): string | undefined {
  if (isOver(found)) return undefined;
  const { alive = false, failure } = found.supervisor ?? {};
  return `${alive ? "alive" : "none"}${failure === undefined ? "" : `: ${failure}`}`;
}

function moment(at: number, now: number): string {
  const left = at > now ? `in ${span((at - now) / 1000)}` : "passed";
  return `${new Date(at).toISOString()} (${left})`;
}

function costLine({ cost, fleet, workers }: SessionStatus, { rate }: StatusContext): string | undefined {
  const hourly = (rate?.amount ?? 0) * Math.max(workers, fleet?.live ?? 0);
  const now = rate && hourly > 0 ? `${money({ amount: hourly, currency: rate.currency })}/h now` : undefined;
  const parts = [cost?.total && money(cost.total), now].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}

function budgetLine({ budget, cost }: SessionStatus): string | undefined {
  if (!budget) return undefined;
  const share = cost?.total?.currency === budget.currency ? cost.total.amount / budget.amount : undefined;
  return `${money(budget)}${share === undefined ? "" : `, ${Math.floor(100 * share)}% spent`}`;
}
