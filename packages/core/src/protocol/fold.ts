import type {
  AppendOperation,
  CreateOperation,
  Entry,
  Grant,
  Horizon,
  Ledger,
  Operation,
  PauseReason,
  SegmentRow,
  SessionState,
  Submission,
  Totals,
} from "./ledger.ts";

/** A fold of any size is in every entry of these: a joiner reads at most as many. */
export const snapshotEvery = 64;

/**
 * Most characters of a fold that is in every entry. A joiner then reads one, and each of a crowd saves a request; above, what
 * hundreds of appends write again and again would soon be more than they bring.
 */
const smallFold = 16_384;

/** Each row has some 80 characters, and each task cancelled by itself some: a fold with more is not small. */
const fewRows = 200;
const fewTasks = 4000;

/** Whether the entry that leads to this fold holds it. */
export function holdsFold(after: Ledger): boolean {
  if (after.rev % snapshotEvery === 0) return true;
  const { segments, submissions, cancelledTasks } = after;
  // Asked first: to write down a large one, only to see that it is, takes longer than all else about an entry.
  if (segments.length + submissions.length > fewRows || cancelledTasks.length > fewTasks) return false;
  return JSON.stringify(after).length <= smallFold;
}

function emptyLedger(session: CreateOperation): Ledger {
  return {
    session,
    rev: -1,
    submissions: [],
    segments: [],
    tasks: 0,
    chunks: 0,
    grants: 0,
    cancelled: false,
    cancelledTasks: [],
  };
}

/** The ledger with one more entry. Pure; what can not apply (an append after the end) changes nothing. */
export function fold(ledger: Ledger | undefined, entry: Entry): Ledger {
  // Whoever has read the entry before adds what is new to what it has: rows that are many are not had twice.
  if (entry.fold && ledger?.rev !== entry.rev - 1) return entry.fold;
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
  cancelledTasks: readonly number[];
  horizon?: Horizon;
  removed?: boolean;
  paused?: { because: PauseReason; message: string };
  warned?: string;
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
        grants: [],
      });
      return;
    case "append":
      return append(draft, operation);
    case "end":
      for (const { id } of draft.submissions) {
        if (operation.submission === undefined || operation.submission === id) change(draft, id, { ended: true });
      }
      return;
    case "cancel":
      for (const { id } of draft.submissions) {
        if (operation.submission === undefined || operation.submission === id)
          change(draft, id, { ended: true, cancelled: true });
      }
      if (operation.submission === undefined) draft.cancelled = true;
      return;
    case "cancelTask": {
      const known = operation.tasks.filter((task) => Number.isSafeInteger(task) && task >= 0 && task < draft.tasks);
      draft.cancelledTasks = [...new Set([...draft.cancelledTasks, ...known])].sort((a, b) => a - b);
      return;
    }
    case "retry":
      return retry(draft, operation);
    case "extend":
      return extend(draft, operation);
    case "horizon":
      draft.horizon = { until: operation.until, workers: operation.workers };
      return;
    case "pause":
      draft.paused = { because: operation.because, message: operation.message };
      return;
    case "warn":
      draft.warned = operation.message;
      return;
    case "remove":
      draft.removed = true;
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
      ...(operation.inputs ? { rev: draft.rev } : {}),
    });
    index += count;
    draft.tasks += count;
    draft.chunks += Math.ceil(count / operation.chunk);
  }
  draft.segments = draft.segments.concat(rows);
  draft.submissions[place] = { ...submission, segments: submission.segments + operation.counts.length, tasks: index };
}

/** A cancelled submission stays as it is. */
function retry(draft: Draft, { submission: only, tasks }: Extract<Operation, { op: "retry" }>): void {
  const grant: Grant = tasks ?? "all";
  let granted = false;
  for (const { id, cancelled, grants } of draft.submissions) {
    if (cancelled || (only !== undefined && only !== id)) continue;
    change(draft, id, { grants: [...grants, grant] });
    granted = true;
  }
  if (granted) draft.grants++;
}

function extend(draft: Draft, { deadline, budget, warnAt, maxRate }: Extract<Operation, { op: "extend" }>): void {
  draft.session = {
    ...draft.session,
    ...(deadline === undefined ? {} : { deadline }),
    ...(budget === undefined ? {} : { budget }),
    ...(warnAt === undefined ? {} : { warnAt }),
    ...(maxRate === undefined ? {} : { maxRate }),
  };
  if (warnAt !== undefined) delete draft.warned;
  const because = draft.paused?.because;
  if ((because === "deadline" && deadline !== undefined) || (because === "budget" && budget !== undefined))
    delete draft.paused;
}

function change(draft: Draft, id: string, to: Partial<Submission>): void {
  draft.submissions = draft.submissions.map((submission) =>
    submission.id === id ? { ...submission, ...to } : submission,
  );
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
  if (ledger.removed) return "removed";
  if (ledger.cancelled) return "cancelled";
  if (ledger.paused) return "paused";
  return ledger.submissions.length > 0 && ledger.submissions.every((submission) => submission.ended) ? "ended" : "open";
}
