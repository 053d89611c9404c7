import type { SessionEvent, SessionStatus } from "@skyburst/core";
import { expect, test } from "vitest";
import { Arrivals } from "./arrivals.ts";
import { commonChecks } from "./common-checks.ts";
import type { JobRun } from "./job-run.ts";

const counts = { succeeded: 3, failed: 0, cancelled: 0, again: 0 };
const events: readonly SessionEvent[] = [
  { type: "created", at: 1 },
  { type: "appended", at: 2, submission: "a", tasks: 3, first: 0 },
  { type: "born", at: 3, worker: "0.0.0" },
  { type: "leased", at: 4, chunk: 0, first: 0, tasks: 3, turn: 0, epoch: 1, because: "new" },
  { type: "committed", at: 5, chunk: 0, turn: 0, first: 0, tasks: 3, ...counts },
];

const status: SessionStatus = {
  state: "done",
  created: 1,
  open: false,
  tasks: 3,
  succeeded: 3,
  failed: 0,
  cancelled: 0,
  running: 0,
  pending: 0,
  retried: 0,
  rate: 0,
  workers: 0,
  workerSeconds: 0,
};

const right: JobRun = {
  typed: "skyburst each …",
  name: "verify-x",
  exitCode: 0,
  seconds: 2,
  stdout: new Arrivals(),
  stderr: new Arrivals(),
  events,
  session: { id: "x", status },
  left: { found: [] },
  logs: undefined,
};

function short(change: Partial<JobRun>): Record<string, string> {
  const checks = commonChecks(
    { ran: { ...right, ...change }, tasks: { succeeded: 3 }, exitCode: 0, lines: 0, checks: [] },
    15,
  );
  return Object.fromEntries(checks.filter(({ passed }) => !passed).map(({ name, found }) => [name, found]));
}

test("a job that shows all of it falls short in nothing", () => {
  expect(short({})).toEqual({});
});

test.each<[string, Partial<JobRun>, Record<string, string>]>([
  ["another exit code", { exitCode: 1 }, { "exit code": "1" }],
  ["no exit code, since it was killed", { exitCode: undefined }, { "exit code": "nothing" }],
  ["15 s and more", { seconds: 15.5 }, { time: "15.5 s" }],
  ["no session", { session: undefined }, { state: "nothing" }],
  [
    "a session that tells of a failure",
    { session: { id: "x", status: { ...status, succeeded: 2, failed: 1 } } },
    { state: '{"state":"done","succeeded":2,"failed":1}' },
  ],
  [
    "workers that are left",
    { left: { found: ["a (running)", "volume b"] } },
    { "left behind": "a (running), volume b" },
  ],
  ["a provider that does not answer", { left: { unknown: "no engine" } }, { "left behind": "no engine" }],
])("%s", (_, change, found) => {
  expect(short(change)).toEqual(found);
});

test.each<[string, (events: readonly SessionEvent[]) => readonly SessionEvent[], Record<string, string>]>([
  [
    "a task that was never submitted",
    (all) => all.map((event) => (event.type === "appended" ? { ...event, tasks: 2 } : event)),
    { submitted: "tasks 0-1", leased: "tasks 0-1", running: "tasks 0-1", ended: "tasks 0-1" },
  ],
  [
    "tasks that were never leased",
    (all) => all.filter(({ type }) => type !== "leased"),
    { leased: "no task", running: "no task", ended: "no task" },
  ],
  ["tasks that ran on no worker", (all) => all.filter(({ type }) => type !== "born"), { running: "no task" }],
  [
    "a task whose end was never told",
    (all) => all.map((event) => (event.type === "committed" ? { ...event, first: 1, tasks: 2 } : event)),
    { running: "tasks 1-2", ended: "tasks 1-2" },
  ],
  [
    "an end before the beginning",
    (all) => all.toSorted((a, b) => b.at - a.at),
    { leased: "no task", running: "no task", ended: "no task" },
  ],
])("a record of events with %s", (_, change, found) => {
  expect(short({ events: change(events) })).toEqual(found);
});

test("of what was to be refused, there is neither a session nor a record to be held against anything", () => {
  const ran = { ...right, exitCode: 125, session: undefined, events: [] };
  const checks = commonChecks({ ran, tasks: "none", exitCode: 125, lines: 0, checks: [] }, 15);
  expect(checks.map(({ name, passed }) => [name, passed])).toEqual([
    ["exit code", true],
    ["time", true],
    ["left behind", true],
  ]);
});
