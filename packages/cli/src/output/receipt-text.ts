import type { Cost, CostKind, Rate, Receipt } from "@skyburst/core";
import { countOf } from "./count-of.ts";
import { money } from "./money.ts";
import { sizeOf } from "./size-of.ts";
import { took } from "./took.ts";

/** A receipt for people: what was paid for, and what of it was for nothing. */
export function receiptText(receipt: Receipt): string {
  const { session, state, final, tasks, cost, perThousand, idleShare, waste } = receipt;
  const done = tasks.succeeded + tasks.failed + tasks.cancelled;
  const lines: (readonly [string, string, string])[] = [
    ["workers", priceOf(receipt, "workers"), workersOf(receipt)],
    ["requests", priceOf(receipt, "requests"), requestsOf(receipt)],
    ["storage", priceOf(receipt, "storage"), `${sizeOf(receipt.usage.bytes.sent)} written, so far`],
    ["transfer", priceOf(receipt, "transfer"), ""],
    ["total", cost.total ? money(cost.total) : "unknown", totalOf(receipt)],
    ["per 1,000", perThousand ? money(perThousand) : "", `of ${countOf(done, "task")} with an outcome`],
    ...(idleShare === undefined
      ? []
      : [["idle", percent(idleShare), "of the time of slots, in which no task ran"] as const]),
    ...wasteLines(waste),
  ];
  const width = Math.max(...lines.map(([, amount]) => amount.length));
  const head = `receipt of ${session}, ${state}${final ? "" : ": workers go on, and so does the bill"}\n`;
  return head + lines.map((line) => `${row(line, width)}\n`).join("");
}

function row([label, amount, words]: readonly [string, string, string], width: number): string {
  return `${label.padEnd(10)}  ${amount.padStart(width)}  ${words}`.trimEnd();
}

function priceOf({ cost, unknown }: Receipt, kind: CostKind): string {
  const known = cost[kind];
  if (!known) return "unknown";
  return `${unknown.includes(kind) ? "at least " : ""}${money(known)}`;
}

function workersOf({ workers: { processes, live, hours, rates } }: Receipt): string {
  const running = live > 0 ? `, ${live} of them running` : "";
  return `${took(hours * 3600)} of ${countOf(processes, "worker")}${running}${rates.length === 0 ? "" : `, at ${rates.map(rateOf).join("; ")}`}`;
}

function rateOf({ amount, currency, source, date }: Rate): string {
  return `${money({ amount, currency })}/h (${[source, date].filter((part) => part !== undefined).join(", ")})`;
}

function requestsOf({ usage: { requests, unheard } }: Receipt): string {
  const counts = Object.entries(requests).flatMap(([kind, count]) => (count > 0 ? [countOf(count, kind, kind)] : []));
  return `${counts.join(", ")}${unheard > 0 ? `, without those of ${countOf(unheard, "worker")} that told none` : ""}`;
}

function totalOf({ unknown }: Receipt): string {
  return unknown.length === 0 ? "" : `without ${unknown.join(", ")}, as far as nobody knows a price`;
}

/** Shares of what workers cost, if there are any. */
function wasteLines({ retries, lost }: Receipt["waste"]): (readonly [string, string, string])[] {
  const lines: (readonly [string, string, string])[] = [];
  if (retries.seconds > 0)
    lines.push([
      "retried",
      costOr(retries.cost),
      `of it for ${took(retries.seconds)} of attempts that failed and were followed by others`,
    ]);
  if (lost.seconds > 0 || lost.workers > 0)
    lines.push([
      "lost",
      costOr(lost.cost),
      `of it for ${took(lost.seconds)} of attempts that came to nothing; ${countOf(lost.workers, "worker")} lost`,
    ]);
  return lines;
}

function costOr(cost: Cost | undefined): string {
  return cost ? money(cost) : "unknown";
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
