import type { SessionEvent } from "@skyburst/core";
import { atMost, same } from "./check.ts";
import type { Check } from "./check.ts";
import type { JobRun } from "./job-run.ts";
import type { JobResult } from "./verify-job.ts";

/** What every job has to show, whatever it does. `mostSeconds`: from its command's start to its end. */
export function commonChecks({ ran, tasks, exitCode }: JobResult, mostSeconds: number): readonly Check[] {
  const { left } = ran;
  return [
    same("exit code", exitCode, ran.exitCode),
    ...(tasks === "none" ? [] : stateChecks(ran, tasks)),
    atMost("time", mostSeconds, ran.seconds, "s"),
    same("left behind", "nothing", "unknown" in left ? left.unknown : left.found.join(", ") || "nothing"),
  ];
}

function stateChecks(
  { session, events }: JobRun,
  { succeeded, failed = 0 }: Exclude<JobResult["tasks"], "none">,
): readonly Check[] {
  const { status } = session ?? {};
  const found = status && { state: status.state, succeeded: status.succeeded, failed: status.failed };
  return [same("state", { state: "done", succeeded, failed }, found), ...transitions(events, succeeded + failed)];
}

/** Each task was submitted, leased, run and ended, by its index, and in this order. */
function transitions(events: readonly SessionEvent[], tasks: number): readonly Check[] {
  const told = {
    submitted: new Set<number>(),
    leased: new Set<number>(),
    ran: new Set<number>(),
    ended: new Set<number>(),
  };
  let workers = 0;
  for (const event of events) {
    if (event.type === "appended") addAll(told.submitted, event, told.submitted);
    if (event.type === "born") workers++;
    if (event.type === "leased") addAll(told.leased, event, told.submitted);
    // A lease is a task's turn on a worker: one that was born before what became of it was stored.
    if (event.type === "committed" && workers > 0) addAll(told.ran, event, told.leased);
    if (event.type === "committed") addAll(told.ended, event, told.leased);
  }
  const all = Array.from({ length: tasks }, (_, task) => task);
  return [
    same("submitted", ranges(all), ranges(told.submitted)),
    same("leased", ranges(all), ranges(told.leased)),
    same("running", ranges(all), ranges(told.ran)),
    same("ended", ranges(all), ranges(told.ended)),
  ];
}

/** @param before What has to be told of a task before. */
function addAll(
  to: Set<number>,
  { first, tasks }: { readonly first: number; readonly tasks: number },
  before: ReadonlySet<number>,
): void {
  for (let task = first; task < first + tasks; task++) if (to === before || before.has(task)) to.add(task);
}

/** `tasks 0-11, 14`. */
function ranges(tasks: Iterable<number>): string {
  const found: { first: number; last: number }[] = [];
  for (const task of [...tasks].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last.last === task - 1) last.last = task;
    else found.push({ first: task, last: task });
  }
  const told = found.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
  return told.length === 0 ? "no task" : `tasks ${told.join(", ")}`;
}
