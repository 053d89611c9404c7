import type { ChunkId } from "./keys.ts";
import type { JsonObject } from "../store.ts";

/** What a ledger entry says. Entries are created once and never change; the session is their fold. */
export type Operation =
  | CreateOperation
  | OpenOperation
  | AppendOperation
  | { readonly op: "end"; readonly submission: string }
  /** Without `submission`: all of them, and those to come. */
  | { readonly op: "cancel"; readonly submission?: string; readonly because: string }
  | { readonly op: "pause"; readonly because: "deadline" | "budget" | "crashes"; readonly message: string }
  | { readonly op: "resume" };

export interface CreateOperation {
  readonly op: "create";
  /** Store time, milliseconds. */
  readonly created: number;
  readonly name?: string;
  /** Age at which a lease may be taken over, milliseconds. */
  readonly ttl: number;
  readonly commitInterval: number;
  /** How long a worker that finds nothing stays while nobody said that no more will come, milliseconds. */
  readonly linger: number;
  /** Worker deaths in a row, without one success between, after which the session is paused. */
  readonly crashBudget: number;
}

export interface OpenOperation {
  readonly op: "open";
  readonly submission: string;
  readonly task: TaskSpec;
  readonly options: SubmissionOptions;
}

/** What a submission runs. */
export type TaskSpec =
  /** A function: export `task` of a program in the session. `modules`: where packages that could not be bundled are looked for. */
  | { readonly kind: "function"; readonly name: string; readonly sha256: string; readonly modules?: string }
  /** A command. `substitute`: `{}` and `{field}` in `argv` stand for the input. */
  | {
      readonly kind: "command";
      readonly name: string;
      readonly argv: readonly string[];
      readonly substitute: boolean;
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
      /** Input blob that is the command's standard input. */
      readonly stdin?: string;
    };

export interface SubmissionOptions {
  /** Further attempts after the task itself failed. */
  readonly retries: number;
  /** First wait before another attempt, doubled each time, milliseconds. */
  readonly backoff: number;
  /** Longest run of one task, milliseconds. */
  readonly timeout?: number;
  /** Tasks in flight per slot. */
  readonly concurrency: number;
  /** Milliseconds between SIGTERM and SIGKILL of what is stopped. */
  readonly grace: number;
}

export interface AppendOperation {
  readonly op: "append";
  readonly submission: string;
  /** Ordinal of the first segment named here in the submission: `segment/<submission>.<ord>`. */
  readonly from: number;
  /** Inputs of each segment. */
  readonly counts: readonly number[];
  /** Tasks per chunk. */
  readonly chunk: number;
}

/** One entry of the ledger, as it is written. */
export interface Entry {
  readonly v: 1;
  readonly rev: number;
  /** Who wrote it: a submission, or a client. With `ordinal` its identity, by which a writer knows its own. */
  readonly actor: string;
  readonly ordinal: number;
  readonly operations: readonly Operation[];
  /** The fold up to and with this entry, in short. */
  readonly totals: Totals;
  /** Every 64th entry: the whole fold, so that a joiner reads at most 64 entries. */
  readonly fold?: Ledger;
}

export interface Totals {
  readonly tasks: number;
  readonly segments: number;
  readonly chunks: number;
  readonly submissions: number;
  readonly open: number;
  readonly state: SessionState;
  /** Retry grants so far. */
  readonly grants: number;
}

export type SessionState = "open" | "ended" | "cancelled" | "paused" | "removed";

/** The fold of a ledger: plain data. */
export interface Ledger {
  readonly session: CreateOperation;
  readonly rev: number;
  readonly submissions: readonly Submission[];
  readonly segments: readonly SegmentRow[];
  readonly tasks: number;
  readonly chunks: number;
  readonly grants: number;
  readonly cancelled: boolean;
  readonly paused?: { readonly because: string; readonly message: string };
}

export interface Submission {
  readonly id: string;
  readonly task: TaskSpec;
  readonly options: SubmissionOptions;
  /** Ordinal of its next entry. */
  readonly ordinal: number;
  readonly segments: number;
  readonly tasks: number;
  readonly ended: boolean;
  readonly cancelled: boolean;
}

/** A segment's place in the session. */
export interface SegmentRow {
  /** Position in `Ledger.submissions`. */
  readonly submission: number;
  readonly ordinal: number;
  readonly count: number;
  /** Tasks per chunk. */
  readonly chunk: number;
  /** Index of its first task within the submission. */
  readonly index: number;
  /** Index of its first task within the session. */
  readonly task: number;
  /** Running number of its first chunk within the session. */
  readonly firstChunk: number;
}

export const snapshotEvery = 64;

export function emptyLedger(session: CreateOperation): Ledger {
  return { session, rev: -1, submissions: [], segments: [], tasks: 0, chunks: 0, grants: 0, cancelled: false };
}

/** The ledger with one more entry. Pure; what can not apply (an append after the end) changes nothing. */
export function fold(ledger: Ledger | undefined, entry: Entry): Ledger {
  if (entry.fold) return entry.fold;
  const first = entry.operations[0];
  const start = ledger ?? (first?.op === "create" ? emptyLedger(first) : undefined);
  if (!start) throw new TypeError(`Ledger entry ${entry.rev} came before the session was created.`);
  const next: Draft = {
    ...start,
    rev: entry.rev,
    submissions: [...start.submissions],
    // Rows are only ever added: sharing the array would show an older fold rows that it does not count.
    segments: start.segments as SegmentRow[],
  };
  for (const operation of entry.operations) apply(next, operation);
  const writer = next.submissions.findIndex((submission) => submission.id === entry.actor);
  const submission = next.submissions[writer];
  if (submission) next.submissions[writer] = { ...submission, ordinal: entry.ordinal + 1 };
  return next;
}

interface Draft {
  session: CreateOperation;
  rev: number;
  submissions: Submission[];
  segments: SegmentRow[];
  tasks: number;
  chunks: number;
  grants: number;
  cancelled: boolean;
  paused?: { because: string; message: string };
}

function apply(draft: Draft, operation: Operation): void {
  switch (operation.op) {
    case "create":
      return;
    case "open":
      draft.submissions.push({
        id: operation.submission,
        task: operation.task,
        options: operation.options,
        ordinal: 0,
        segments: 0,
        tasks: 0,
        ended: false,
        cancelled: draft.cancelled,
      });
      return;
    case "append":
      return append(draft, operation);
    case "end":
      return change(draft, operation.submission, { ended: true });
    case "cancel":
      for (const { id } of draft.submissions) {
        if (operation.submission === undefined || operation.submission === id) change(draft, id, { ended: true, cancelled: true });
      }
      if (operation.submission === undefined) draft.cancelled = true;
      return;
    case "pause":
      draft.paused = { because: operation.because, message: operation.message };
      return;
    case "resume":
      delete draft.paused;
      return;
  }
}

function append(draft: Draft, operation: AppendOperation): void {
  const place = draft.submissions.findIndex((submission) => submission.id === operation.submission);
  const submission = draft.submissions[place];
  if (!submission || submission.ended || operation.from !== submission.segments) return;
  const rows: SegmentRow[] = [];
  let index = submission.tasks;
  for (const [n, count] of operation.counts.entries()) {
    rows.push({
      submission: place,
      ordinal: operation.from + n,
      count,
      chunk: operation.chunk,
      index,
      task: draft.tasks,
      firstChunk: draft.chunks,
    });
    index += count;
    draft.tasks += count;
    draft.chunks += Math.ceil(count / operation.chunk);
  }
  draft.segments = draft.segments.concat(rows);
  draft.submissions[place] = { ...submission, segments: submission.segments + operation.counts.length, tasks: index };
}

function change(draft: Draft, id: string, to: Partial<Submission>): void {
  draft.submissions = draft.submissions.map((submission) => (submission.id === id ? { ...submission, ...to } : submission));
}

export function totals(ledger: Ledger): Totals {
  return {
    tasks: ledger.tasks,
    segments: ledger.segments.length,
    chunks: ledger.chunks,
    submissions: ledger.submissions.length,
    open: ledger.submissions.filter((submission) => !submission.ended).length,
    state: stateOf(ledger),
    grants: ledger.grants,
  };
}

export function stateOf(ledger: Ledger): SessionState {
  if (ledger.cancelled) return "cancelled";
  if (ledger.paused) return "paused";
  return ledger.submissions.length > 0 && ledger.submissions.every((submission) => submission.ended) ? "ended" : "open";
}

/** A chunk as the ledger describes it. */
export interface Chunk extends ChunkId {
  readonly submission: Submission;
  readonly row: SegmentRow;
  /** Offset of its first task in the segment. */
  readonly start: number;
  readonly count: number;
  /** Index of its first task within the submission, and within the session. */
  readonly index: number;
  readonly task: number;
  /** Running number within the session. */
  readonly number: number;
}

export function chunkAt(ledger: Ledger, { s, i }: ChunkId): Chunk | undefined {
  const row = ledger.segments[s];
  const submission = row && ledger.submissions[row.submission];
  const start = row ? i * row.chunk : 0;
  if (!row || !submission || start >= row.count) return undefined;
  const count = Math.min(row.chunk, row.count - start);
  return { s, i, submission, row, start, count, index: row.index + start, task: row.task + start, number: row.firstChunk + i };
}

/** The chunk with this running number. */
export function chunkNumbered(ledger: Ledger, number: number): Chunk | undefined {
  let low = 0;
  let high = ledger.segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ledger.segments[middle]?.firstChunk ?? 0) <= number) low = middle;
    else high = middle - 1;
  }
  const row = ledger.segments[low];
  return row && chunkAt(ledger, { s: low, i: number - row.firstChunk });
}

/** Inputs and their rows are JSON; this is the only place that trusts a body to be what its writer said. */
export function parseEntry(bytes: Uint8Array): Entry {
  const entry = JSON.parse(new TextDecoder().decode(bytes)) as Entry & JsonObject;
  if (entry.v !== 1 || !Array.isArray(entry.operations)) throw new TypeError("A ledger entry is not of version 1.");
  return entry;
}

export function entryBody(entry: Entry): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(entry));
}
