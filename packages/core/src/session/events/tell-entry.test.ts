import { expect, test } from "vitest";
import type { Entry, Operation } from "../../protocol/ledger.ts";
import { tellEntry } from "./tell-entry.ts";

const totals = { tasks: 7, segments: 3, chunks: 3, submissions: 2, open: 0, state: "open", grants: 0 } as const;
const budget = { amount: 5, currency: "USD" };
const options = { retries: 0, backoff: 1, concurrency: 1, grace: 1 };
const task = { kind: "function", name: "f", sha256: "0" } as const;

const said: readonly (readonly [Operation, object])[] = [
  [
    { op: "open", submission: "a", task, options },
    { type: "opened", submission: "a", kind: "function", task: "f" },
  ],
  [
    { op: "append", submission: "a", from: 0, counts: [2, 1], chunk: 1 },
    { type: "appended", submission: "a", tasks: 3, first: 3 },
  ],
  [
    { op: "append", submission: "b", from: 0, counts: [1], chunk: 1 },
    { type: "appended", submission: "b", tasks: 1, first: 6 },
  ],
  [
    { op: "end", submission: "a" },
    { type: "ended", submission: "a" },
  ],
  [{ op: "end" }, { type: "ended" }],
  [
    { op: "cancel", submission: "b", because: "enough" },
    { type: "cancelled", submission: "b", because: "enough" },
  ],
  [
    { op: "cancelTask", tasks: [1, 2], because: "enough" },
    { type: "cancelled", tasks: [1, 2], because: "enough" },
  ],
  [
    { op: "retry", tasks: [4] },
    { type: "rerun", tasks: [4] },
  ],
  [
    { op: "retry", submission: "a" },
    { type: "rerun", submission: "a" },
  ],
  [
    { op: "pause", because: "budget", message: "5 USD are spent" },
    { type: "paused", because: "budget", message: "5 USD are spent" },
  ],
  [{ op: "resume" }, { type: "resumed" }],
  [
    { op: "extend", budget, maxRate: budget },
    { type: "extended", budget, maxRate: budget },
  ],
  [
    { op: "warn", message: "4 USD are spent" },
    { type: "warned", message: "4 USD are spent" },
  ],
  [
    { op: "horizon", until: 9, workers: 2 },
    { type: "horizon", until: 9, workers: 2 },
  ],
  [{ op: "remove" }, { type: "removed" }],
];

test("every operation of an entry is an event, in order", () => {
  const operations = said.map(([operation]) => operation);
  const entry: Entry = { v: 1, rev: 3, actor: "a", ordinal: 1, operations, totals };
  expect([...tellEntry(entry, 5)]).toEqual(said.map(([, event]) => ({ at: 5, ...event })));
});
