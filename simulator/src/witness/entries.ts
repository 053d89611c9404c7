import { fold } from "../../../packages/core/src/protocol/index.ts";
import type { Entry, Grant, Ledger, Operation } from "../../../packages/core/src/protocol/index.ts";
import type { SimProcess } from "../process.ts";
import { checkPromise } from "./promises.ts";
import type { Seen } from "./seen.ts";

/** An entry of the ledger: what it changes, and whether whoever wrote it had a reason. */
export function entered(seen: Seen, entry: Entry, by: SimProcess): void {
  const before = seen.ledger;
  const ledger = fold(before, entry);
  for (const operation of entry.operations)
    if (operation.op === "open") seen.world.opened(operation.submission, by.name);
  seen.ledger = ledger;
  for (const operation of entry.operations) spoken(seen, operation, before);
  quiet(seen, entry, by);
  if (ledger.removed) seen.removedAt ??= ledger.rev;
  if (ledger.session.deadline !== undefined) seen.limitedAt ??= ledger.rev;
  if (ledger.horizon && ledger.horizon !== before?.horizon) checkPromise(seen, ledger, ledger.horizon);
  if (ledger.paused && !before?.paused) pausedBy(seen, ledger);
  const moved =
    ledger.session.deadline !== before?.session.deadline || ledger.horizon?.until !== before?.horizon?.until;
  if (moved) seen.deadlineSince = seen.world.timeline.now;
  for (const row of ledger.segments) {
    if (ledger.submissions[row.submission]?.cancelled)
      for (let task = row.task; task < row.task + row.count; task++) cancel(seen, task, ledger.rev);
  }
  for (const task of ledger.cancelledTasks) cancel(seen, task, ledger.rev);
  for (const [n, { cancelled, grants }] of ledger.submissions.entries()) {
    const known = before?.submissions[n];
    const newer = grants.slice(known?.grants.length ?? 0);
    if (newer.length > 0 && cancelled && known?.cancelled)
      seen.world.violated(`Submission ${n} is cancelled, and a retry of it is granted`);
    if (newer.length > 0) owe(seen, ledger, n, newer);
  }
}

/** What is said of money. */
function spoken(seen: Seen, operation: Operation, before: Ledger | undefined): void {
  if (operation.op === "extend" && operation.budget) seen.moreMoneyAt ??= seen.world.timeline.now;
  if (operation.op !== "warn") return;
  seen.warnings++;
  if (before?.warned !== undefined) seen.world.violated(`It is said a second time that ${operation.message}`);
}

/** Whoever ends a session for its silence has waited for it. */
function quiet(seen: Seen, { operations }: Entry, by: SimProcess): void {
  const { now } = seen.world.timeline;
  const { idleTimeout } = seen.ledger?.session ?? {};
  const ends = operations.some((operation) => operation.op === "end" && operation.submission === undefined);
  const silence = now - seen.lastWord;
  if (ends && !/^(actor|later)/.test(by.name) && silence < (idleTimeout ?? Number.POSITIVE_INFINITY) * 0.98 - 1000)
    if (seen.world.scenario.faults.clockJumps === 0)
      seen.world.violated(`${by.name} ends the session for its silence of ${Math.round(silence)} ms`);
  if (operations.some(({ op }) => op !== "horizon" && op !== "pause" && op !== "warn")) seen.lastWord = now;
}

function cancel(seen: Seen, task: number, rev: number): void {
  if (!seen.cancelled.has(task)) seen.cancelled.set(task, rev);
}

function pausedBy(seen: Seen, { paused, session }: Ledger): void {
  seen.paused = true;
  const { storeNow, scenario } = seen.world;
  const early = paused?.because === "deadline" && (session.deadline ?? Number.POSITIVE_INFINITY) > storeNow + 2000;
  if (early && scenario.faults.clockJumps === 0)
    seen.world.violated(`The session is paused ${(session.deadline ?? 0) - storeNow} ms before its deadline`);
}

/** What has failed by now and is named runs again. */
function owe(seen: Seen, ledger: Ledger, submission: number, grants: readonly Grant[]): void {
  for (const row of ledger.segments) {
    if (row.submission !== submission) continue;
    for (let task = row.task; task < row.task + row.count; task++)
      if (
        seen.outcomes.get(task)?.line.status === "failed" &&
        grants.some((grant) => grant === "all" || grant.includes(task))
      )
        seen.owed.add(task);
  }
}
