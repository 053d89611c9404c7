import {
  batchesOf,
  chunkAt,
  fold,
  hasNextTurn,
  itemAt,
  itemCount,
  parseCommit,
  parseDone,
  parseEntry,
  parseJson,
  parseLease,
  parsePart,
  retried,
  sessionKeys,
} from "../../packages/core/src/protocol/index.ts";
import type {
  Chunk,
  Commit,
  Entry,
  Grant,
  Horizon,
  Item,
  Lease,
  LeaseId,
  Ledger,
  OutcomeLine,
  Range,
  SessionKeys,
  TurnId,
  TurnSummary,
} from "../../packages/core/src/protocol/index.ts";
import type { Evidence } from "./evidence.ts";
import type { SimProcess } from "./process.ts";
import { inputsPerSubmission, taskPlan, valueOf } from "./tasks.ts";
import type { World } from "./world.ts";
import { told } from "./told.ts";

const decoder = new TextDecoder();

/** A chunk among those of its session. */
function chunkName({ s, i }: TurnId): string {
  return `${s}.${i}`;
}

/** A final outcome, and the turn that brought it. */
interface Told {
  readonly text: string;
  readonly line: OutcomeLine;
  readonly key: string;
  readonly t: number;
}

/** Sees every object of a session when it is written, and holds it against the invariants of the protocol. */
export class Witness {
  readonly #world: World;
  readonly #evidence: Evidence;
  keys: SessionKeys = sessionKeys("");
  ledger: Ledger | undefined;
  readonly #incarnations = new Map<string, SimProcess>();
  readonly #leases = new Map<string, Lease>();
  /** Heartbeats: when each worker last put one. */
  readonly #beats = new Map<string, number>();
  /** The outcome of each task of the session in its highest turn. */
  readonly outcomes = new Map<number, Told>();
  /** Tasks that failed before a retry of them was granted, and did not run again since. */
  readonly owed = new Set<number>();
  /** Entry that cancelled it, by task. */
  readonly #cancelled = new Map<number, number>();
  /** The entry that removed the session. */
  removedAt: number | undefined;
  /** When the deadline was moved last. */
  #deadlineSince = 0;
  /** When somebody last said anything that was more than what follows from it. */
  #lastWord = 0;
  /** Who took the supervisor's lease last. */
  supervisor: SimProcess | undefined;
  /** The session was paused at some time. */
  paused = false;
  /** Bytes of the logs of attempts whose end a commit tells. */
  readonly logs = new Map<string, number>();
  /** What done turns came to, by key: it fixes the next turn's items. */
  readonly #summaries = new Map<string, TurnSummary>();
  /** The newest turn of each chunk that was opened, and what it came to; undefined: it runs. */
  readonly #newest = new Map<string, { readonly id: TurnId; readonly summary: TurnSummary | undefined }>();
  /** Outcomes that a retry has made history, by task. */
  readonly #history = new Map<number, string[]>();

  constructor(world: World, evidence: Evidence) {
    this.#world = world;
    this.#evidence = evidence;
    world.witness = (key, body, by) => this.#saw(key, body, by);
    world.deleted = (key) => this.deleted(key);
    world.conduct.witness = this;
  }

  processOf(incarnation: string): SimProcess | undefined {
    return this.#incarnations.get(incarnation);
  }

  /** Index in the session of the first task of the chunk that a key below `lease/`, `part/` or `done/` names. */
  firstTaskOf(key: string): number | undefined {
    const [s = Number.NaN, i = Number.NaN] = (key.split("/", 4)[3] ?? "").split(".", 2).map(Number);
    return this.ledger && chunkAt(this.ledger, { s, i })?.task;
  }

  /** Incarnations whose process is no more and who are not said to be gone, with the cause that a provider would tell. */
  dead(): [string, "crash" | "lost"][] {
    return [...this.#incarnations]
      .filter(([incarnation, { alive }]) => !alive && !this.#world.objects.has(this.keys.gone(incarnation)))
      .map(([incarnation, { death }]) => [incarnation, death === "error" || death === "oom" ? "crash" : "lost"]);
  }

  #saw(key: string, body: Uint8Array, by: SimProcess): void {
    const [top, session, kind] = key.split("/", 3);
    if (top !== "s" || session === undefined || kind === undefined) return;
    if (this.keys.root !== `s/${session}/`) this.keys = sessionKeys(session);
    const name = key.slice(this.keys.root.length + kind.length + 1);
    try {
      if (kind === "manifest") this.#entered(parseEntry(body), by);
      else if (kind === "supervisor") this.supervisor = by;
      else if (kind === "born") this.#incarnations.set((parseJson(body) as { incarnation: string }).incarnation, by);
      // What zombies write there is taken away later.
      else if (this.ledger?.removed) return;
      else if (kind === "lease") this.#lease(key, parseLease(name), parseJson(body) as Lease);
      else if (kind === "worker") this.#beats.set(name, this.#world.timeline.now);
      else if (kind === "part") this.#commit(key, parsePart(name), parsePart(name), parseCommit(body));
      else if (kind === "done") this.#commit(key, parseDone(name), undefined, parseCommit(body));
    } catch (error) {
      this.#violated(`${key} can't be judged: ${told(error)}`);
    }
  }

  /** This text was the outcome of the task at some time: a reader that lagged behind may tell it. */
  wasTold(task: number, text: string): boolean {
    return this.outcomes.get(task)?.text === text || this.#history.get(task)?.includes(text) === true;
  }

  /** Every chunk that the ledger names has all of its outcomes, what was to run again did, and no turn is open or to be opened. */
  get finished(): boolean {
    const { ledger } = this;
    if (!ledger) return true;
    if (ledger.removed) return false;
    if (this.outcomes.size < ledger.tasks || this.owed.size > 0) return false;
    return [...this.#newest.values()].every(({ id, summary }) => {
      const chunk = this.#chunk(id);
      return summary && !hasNextTurn(chunk, summary, chunk.submission.grants);
    });
  }

  /** Entry of the ledger that cancelled the task. */
  cancelledAt(task: number): number | undefined {
    return this.#cancelled.get(task);
  }

  #entered(entry: Entry, by: SimProcess): void {
    const before = this.ledger;
    const ledger = fold(before, entry);
    for (const operation of entry.operations)
      if (operation.op === "open") this.#world.opened(operation.submission, by.name);
    this.ledger = ledger;
    this.#quiet(entry, by);
    if (ledger.removed) this.removedAt ??= ledger.rev;
    if (ledger.horizon && ledger.horizon !== before?.horizon) this.#promised(ledger, ledger.horizon);
    if (ledger.paused && !before?.paused) this.#pausedBy(ledger);
    const moved =
      ledger.session.deadline !== before?.session.deadline || ledger.horizon?.until !== before?.horizon?.until;
    if (moved) this.#deadlineSince = this.#world.timeline.now;
    for (const row of ledger.segments) {
      if (ledger.submissions[row.submission]?.cancelled)
        for (let task = row.task; task < row.task + row.count; task++) this.#cancel(task, ledger.rev);
    }
    for (const task of ledger.cancelledTasks) this.#cancel(task, ledger.rev);
    for (const [n, { cancelled, grants }] of ledger.submissions.entries()) {
      const known = before?.submissions[n];
      const newer = grants.slice(known?.grants.length ?? 0);
      if (newer.length > 0 && cancelled && known?.cancelled)
        this.#violated(`Submission ${n} is cancelled, and a retry of it is granted`);
      if (newer.length > 0) this.#owe(ledger, n, newer);
    }
  }

  /** Whoever ends a session for its silence has waited for it. */
  #quiet({ operations }: Entry, by: SimProcess): void {
    const { now } = this.#world.timeline;
    const { idleTimeout } = this.ledger?.session ?? {};
    const ends = operations.some((operation) => operation.op === "end" && operation.submission === undefined);
    const silence = now - this.#lastWord;
    if (ends && !/^(actor|later)/.test(by.name) && silence < (idleTimeout ?? Number.POSITIVE_INFINITY) * 0.98 - 1000)
      if (this.#world.scenario.faults.clockJumps === 0)
        this.#violated(`${by.name} ends the session for its silence of ${Math.round(silence)} ms`);
    if (operations.some(({ op }) => op !== "horizon" && op !== "pause")) this.#lastWord = now;
  }

  #cancel(task: number, rev: number): void {
    if (!this.#cancelled.has(task)) this.#cancelled.set(task, rev);
  }

  /** What was spent, and what the horizon promises, is within the budget. */
  #promised({ session: { budget } }: Ledger, { until, workers }: Horizon): void {
    const { storeNow, objects, scenario } = this.#world;
    if (!budget || scenario.faults.clockJumps > 0) return;
    let spent = 0;
    for (const incarnation of this.#incarnations.keys()) {
      const [n = 0, j = 0, k = 0] = incarnation.split(".").map(Number);
      const born = objects.modified(this.keys.born(n, j, k)) ?? storeNow;
      spent += Math.max(0, ((objects.modified(this.keys.gone(incarnation)) ?? storeNow) - born) / 1000);
    }
    const promised = (workers * Math.max(0, until - storeNow)) / 1000;
    // Who lives longer than it was paid for is to hear of it at once.
    if (promised > 0 && spent + promised > budget.amount + workers * 5)
      this.#violated(
        `A horizon promises ${Math.round(promised)}, when ${Math.round(spent)} of ${budget.amount} are spent`,
      );
  }

  /** How many outcomes the task has had. */
  outcomesOf(task: number): number {
    return (this.outcomes.has(task) ? 1 : 0) + (this.#history.get(task)?.length ?? 0);
  }

  /** An object is deleted: of a session that is fenced, and its ledger when nothing else is left. */
  deleted(key: string): void {
    if (!key.startsWith(this.keys.root)) return;
    if (this.ledger?.removed !== true) return this.#violated(`${key} is deleted, and the session is not removed`);
    const { objects } = this.#world;
    const isLedger = key.startsWith(this.keys.manifests);
    if (isLedger && objects.under(this.keys.root).some((other) => !other.startsWith(this.keys.manifests)))
      this.#violated(`${key} is deleted before all else of its session`);
    if (isLedger || this.#world.scenario.removal?.now !== false || this.#isDoubtful) return;
    for (const [incarnation, { alive, name }] of this.#incarnations)
      if (alive && !objects.has(this.keys.gone(incarnation)) && name.startsWith("w"))
        return this.#violated(`${key} is deleted while ${name} lives`);
  }

  #pausedBy({ paused, session }: Ledger): void {
    this.paused = true;
    const { storeNow, scenario } = this.#world;
    const early = paused?.because === "deadline" && (session.deadline ?? Number.POSITIVE_INFINITY) > storeNow + 2000;
    if (early && scenario.faults.clockJumps === 0)
      this.#violated(`The session is paused ${(session.deadline ?? 0) - storeNow} ms before its deadline`);
  }

  /** What a worker leaves for; a limit may be moved while it leaves, by who pauses and resumes. */
  get atLimit(): boolean {
    const { storeNow, scenario } = this.#world;
    const { session, horizon } = this.ledger ?? {};
    const limit = Math.min(session?.deadline ?? Number.POSITIVE_INFINITY, horizon?.until ?? Number.POSITIVE_INFINITY);
    return this.paused || scenario.faults.clockJumps > 0 || limit <= storeNow + 2000;
  }

  /** Somebody may hear of things long after they were said. */
  get #isDoubtful(): boolean {
    const { freezes, slow, clockJumps, lateLandings, lostAnswers, lostRequests, refused, outages } =
      this.#world.scenario.faults;
    return freezes + slow + clockJumps + lateLandings + lostAnswers + lostRequests + refused + outages > 0;
  }

  /** Milliseconds for which nobody has had a reason to begin anything, however late it hears of deadlines. */
  get overdue(): number {
    const { storeNow, timeline, scenario } = this.#world;
    const { session, horizon } = this.ledger ?? {};
    const deadline = Math.min(
      session?.deadline ?? Number.POSITIVE_INFINITY,
      horizon?.until ?? Number.POSITIVE_INFINITY,
    );
    return this.#isDoubtful
      ? 0
      : Math.min(storeNow - deadline, timeline.now - this.#deadlineSince) - scenario.pace.poll[1] * 2 - 3000;
  }

  /** What has failed by now and is named runs again. */
  #owe(ledger: Ledger, submission: number, grants: readonly Grant[]): void {
    for (const row of ledger.segments) {
      if (row.submission !== submission) continue;
      for (let task = row.task; task < row.task + row.count; task++)
        if (
          this.outcomes.get(task)?.line.status === "failed" &&
          grants.some((grant) => grant === "all" || grant.includes(task))
        )
          this.owed.add(task);
    }
  }

  #lease(key: string, id: LeaseId, lease: Lease): void {
    this.#leases.set(key, lease);
    if (!this.#incarnations.has(lease.owner) && !lease.owner.startsWith("client."))
      this.#violated(`${key} is of ${lease.owner}, who was never born`);
    if (this.overdue > 0 && !lease.owner.startsWith("client."))
      this.#violated(
        `${key} is leased ${Math.round(this.overdue)} ms after it can be known that the deadline has passed`,
      );
    if (lease.epoch !== id.e) this.#violated(`${key} says epoch ${lease.epoch}`);
    const chunk = this.#chunk(id);
    if (id.e > 1) {
      const before = this.#leases.get(this.keys.lease({ ...id, e: id.e - 1 }));
      if (before && lease.because === "lost") this.#silent(key, before);
      if (!before) this.#violated(`${key} follows no lease`);
      else if (text([before.items, before.cut, before.grant]) !== text([lease.items, lease.cut, lease.grant]))
        this.#violated(`${key} computed items, cut or grant again`);
      return;
    }
    const before = id.t === 0 ? undefined : this.#summaries.get(this.keys.done({ ...id, t: id.t - 1 }));
    this.#newest.set(chunkName(id), { id, summary: undefined });
    if (id.t > 0 && !before) return this.#violated(`${key} opens a turn before the one before is done`);
    const items = before ? this.#itemsOf(key, chunk, lease, before) : chunk.count;
    if (text(items) !== text(lease.items))
      this.#violated(`${key} has the items ${text(lease.items)} and not ${text(items)}`);
    else if (itemCount(items) === 0) this.#violated(`${key} opens a turn for nothing`);
  }

  /** What was carried over, and what grants start again that the claimer has read: no more than there are, and none twice. */
  #itemsOf(key: string, chunk: Chunk, lease: Lease, before: TurnSummary): readonly Item[] {
    const { grants } = chunk.submission;
    if (lease.grant < before.grant || lease.grant > grants.length)
      this.#violated(`${key} is of grant ${lease.grant}, after ${before.grant} and of ${grants.length}`);
    const again = retried(chunk, before, grants.slice(0, lease.grant)).map((offset) => ({ offset, attempt: 1 }));
    if (lease.grant > before.grant && again.length === 0) this.#violated(`${key} uses a grant that starts nothing`);
    return [...before.again, ...again].sort((a, b) => a.offset - b.offset);
  }

  #commit(key: string, id: TurnId, range: Range | undefined, commit: Commit): void {
    const { header } = commit;
    const chunk = this.#chunk(id);
    const lease = this.#leases.get(this.keys.lease({ ...id, e: header.epoch }));
    if (!lease) return this.#violated(`${key} has epoch ${header.epoch}, and no such lease is there`);
    if (lease.owner !== header.worker)
      this.#violated(`${key} is by ${header.worker}, and the lease is of ${lease.owner}`);
    const batches = batchesOf(lease.cut, itemCount(lease.items));
    const mine = range ?? batches.at(-1);
    if (
      !mine ||
      header.first !== mine.first ||
      header.count !== mine.count ||
      !batches.some(({ first, count }) => first === mine.first && count === mine.count)
    ) {
      return this.#violated(`${key} is no batch of its turn`);
    }
    const items = Array.from({ length: mine.count }, (_, n) => itemAt(lease.items, mine.first + n));
    const texts = decoder.decode(commit.lines).split("\n").slice(0, -1);
    const lines = texts.map((line) => JSON.parse(line) as OutcomeLine);
    this.#settled(key, chunk, items, lines, header.again ?? []);
    const grown = header.again?.some(({ offset, attempt }) =>
      items.some((item) => item.offset === offset && item.attempt < attempt),
    );
    if (lines.length === 0 && grown !== true) this.#violated(`${key} brings nothing`);
    for (const [n, line] of lines.entries()) {
      this.#replaced(key, id, chunk, lease, line, texts[n] ?? "");
      this.#outcome(key, chunk, items, line, header.worker);
    }
    this.#carried(key, chunk, items, header.again ?? []);
    this.#references(key, id, commit, lines, items, chunk);
    this.#odd(key, id, mine, commit);
    if (!header.turn) {
      if (!range) this.#violated(`${key} does not say what the turn came to`);
      return;
    }
    for (const batch of batches.slice(0, -1))
      if (!this.#world.objects.has(this.keys.part(id, batch)))
        this.#violated(`${key} is there before ${this.keys.part(id, batch)}`);
    this.#summary(key, id, commit, batches);
  }

  #settled(
    key: string,
    chunk: Chunk,
    items: readonly Item[],
    lines: readonly OutcomeLine[],
    again: readonly Item[],
  ): void {
    const found = [...lines.map(({ index }) => index - chunk.index), ...again.map(({ offset }) => offset)].sort(
      (a, b) => a - b,
    );
    const expected = items.map(({ offset }) => offset);
    if (text(found) !== text(expected)) this.#violated(`${key} settles ${text(found)} of ${text(expected)}`);
  }

  /** Only a grant of a retry brings another outcome, of what failed, in a later turn. */
  #replaced(key: string, { t }: TurnId, chunk: Chunk, { items }: Lease, line: OutcomeLine, whole: string): void {
    const known = this.outcomes.get(line.task);
    this.outcomes.set(line.task, { text: whole, line, key, t });
    this.owed.delete(line.task);
    if (!known) return;
    const granted =
      known.line.status === "failed" &&
      known.t < t &&
      typeof items !== "number" &&
      items.some(({ offset }) => offset === line.index - chunk.index);
    if (!granted)
      this.#violated(
        `${key} holds a second outcome of task ${line.task}: ${whole.slice(0, 200)}; the first is in ${known.key}: ${known.text.slice(0, 200)}`,
      );
    this.#history.set(line.task, [...(this.#history.get(line.task) ?? []), known.text]);
  }

  #outcome(key: string, chunk: Chunk, items: readonly Item[], line: OutcomeLine, worker: string): void {
    if (line.task - chunk.task !== line.index - chunk.index)
      this.#violated(`${key} gives task ${line.task} the index ${line.index}`);
    const item = items.find(({ offset }) => offset === line.index - chunk.index);
    const attempts = (item?.attempt ?? 0) - (line.status === "cancelled" ? 1 : 0);
    if (line.attempts !== attempts)
      this.#violated(`${key} says ${line.attempts} attempts of task ${line.task}, which was at ${attempts}`);
    if (
      line.status === "cancelled" &&
      !chunkNow(this.ledger, chunk)?.submission.cancelled &&
      this.ledger?.cancelledTasks.includes(line.task) !== true
    )
      this.#violated(`${key} holds a cancelled task that nobody cancelled`);
    if (line.status === "cancelled") return;
    if (line.status === "failed" && (line.error as { name?: string }).name === "WorkerLostError")
      return this.#condemned(key, chunk, line.index - chunk.index);
    const input = this.#inputOf(chunk, line.index);
    const process = this.#incarnations.get(worker);
    const ran = this.#evidence
      .of(input)
      .some((run) => run.process === process && run.how === line.status && run.attempt === line.attempts);
    if (!ran)
      this.#violated(
        `${key} says that task ${line.task} ${line.status} at attempt ${line.attempts}, which ${worker} never saw`,
      );
    const isEmpty = taskPlan(this.#world.scenario, input).kind === "empty";
    if (
      line.status === "succeeded" &&
      !line.blob &&
      (isEmpty ? "value" in line : Number(line.value) !== valueOf(input))
    )
      this.#violated(`${key} gives task ${line.task} the value of another one`);
  }

  /** Nobody is taken for lost who showed a sign of life not long ago; where delays and clocks leave no doubt. */
  #silent(key: string, before: Lease): void {
    const { faults, ttl } = this.#world.scenario;
    if (
      faults.freezes +
        faults.slow +
        faults.clockJumps +
        faults.lateLandings +
        faults.lostAnswers +
        faults.lostRequests +
        faults.outages >
      0
    )
      return;
    if (this.#world.objects.has(this.keys.gone(before.owner))) return;
    const silence = this.#world.timeline.now - (this.#beats.get(before.owner) ?? Number.NEGATIVE_INFINITY);
    if (silence < ttl / 2) this.#violated(`${key} takes ${before.owner} for lost after ${Math.round(silence)} ms`);
  }

  /** A task is given up only after it was tried alone, and its worker was gone, twice. */
  #condemned(key: string, chunk: Chunk, offset: number): void {
    const suffix = `.${String(offset).padStart(4, "0")}`;
    const tries = this.#world.objects.under(this.keys.tries(chunk)).filter((name) => name.endsWith(suffix));
    if (tries.length < 2) this.#violated(`${key} gives offset ${offset} up after ${tries.length} tries alone`);
  }

  #carried(key: string, chunk: Chunk, items: readonly Item[], again: readonly Item[]): void {
    for (const { offset, attempt } of again) {
      const before = items.find((item) => item.offset === offset)?.attempt ?? 0;
      if (attempt === before) continue;
      const failed = this.#evidence
        .of(this.#inputOf(chunk, chunk.index + offset))
        .some((run) => run.attempt === before && run.how === "failed");
      if (attempt !== before + 1 || !failed)
        this.#violated(
          `${key} carries offset ${offset} over from attempt ${before} to ${attempt}${failed ? "" : ", though it did not fail"}`,
        );
    }
  }

  /** An outcome is visible only after all that it refers to. */
  #references(
    key: string,
    id: TurnId,
    { header }: Commit,
    lines: readonly OutcomeLine[],
    items: readonly Item[],
    chunk: Chunk,
  ): void {
    const { objects } = this.#world;
    for (const line of lines) {
      if (line.status === "succeeded" && line.blob && objects.get(line.blob.key)?.length !== line.blob.bytes)
        this.#violated(`${key} refers to ${line.blob.key}, which is not there`);
    }
    for (const item of items) {
      const { offset, attempt } = item;
      const again = header.again?.find((other) => other.offset === offset);
      const ended = again
        ? again.attempt > attempt
        : lines.some((line) => line.index === chunk.index + offset && line.status !== "cancelled");
      if (!ended) continue;
      const log = { ...id, e: header.epoch, offset, attempt };
      const names = objects.under(this.keys.logsOf(log));
      const ride = header.logs?.find((other) => other.offset === offset && other.attempt === attempt);
      const pieces = names.filter((name) => !name.endsWith("~end"));
      const bytes = pieces.reduce((sum, name) => sum + (objects.get(name)?.length ?? 0), 0);
      if (pieces.length > 0 && pieces.length === names.length)
        this.#violated(`${key} comes before the end of its log ${this.keys.logsOf(log)}`);
      if (ride && ride.at !== bytes)
        this.#violated(`${key} carries a log from ${ride.at} on, and ${bytes} bytes are written`);
      if (bytes + (ride?.bytes ?? 0) > 0) this.logs.set(this.keys.logsOf(log), bytes + (ride?.bytes ?? 0));
      const process = this.#incarnations.get(header.worker);
      const printed = this.#evidence
        .of(this.#inputOf(chunk, chunk.index + offset))
        .filter((run) => run.process === process && run.attempt === attempt && run.how !== "died");
      if (printed.length > 0 && printed.every((run) => run.printed !== bytes + (ride?.bytes ?? 0)))
        this.#violated(
          `${key}: the log of offset ${offset} has ${bytes} + ${ride?.bytes ?? 0} bytes, and ${printed.map((run) => run.printed).join(", ")} were printed`,
        );
    }
  }

  #odd(key: string, id: TurnId, range: Range, { header }: Commit): void {
    const { turn } = header;
    const counts = turn
      ? { failed: turn.failedTasks.length, cancelled: turn.cancelledTasks, again: turn.again.length }
      : { failed: header.failed, cancelled: header.cancelled, again: header.again?.length ?? 0 };
    if (counts.failed + counts.cancelled + counts.again === 0) return;
    const odd = this.keys.odd({ ...id, e: header.epoch }, range, counts);
    if (!this.#world.objects.has(odd)) this.#violated(`${key} is not wholly successful, and ${odd} is not there`);
  }

  /** What a `done` says of its turn is the sum of what its commits say. */
  #summary(key: string, id: TurnId, { header }: Commit, batches: readonly Range[]): void {
    const { turn } = header;
    if (!turn) return;
    const parts = batches.slice(0, -1).map((batch) => this.#world.objects.get(this.keys.part(id, batch)));
    const headers = [...parts.filter((body) => body !== undefined).map((body) => parseCommit(body).header), header];
    const again = headers.flatMap((part) => part.again ?? []).sort((a, b) => a.offset - b.offset);
    const sums = [
      headers.reduce((sum, part) => sum + part.succeeded, 0),
      headers.reduce((sum, part) => sum + part.failed, 0),
      headers.reduce((sum, part) => sum + part.cancelled, 0),
    ];
    if (text(sums) !== text([turn.succeeded, turn.failed, turn.cancelled]))
      this.#violated(
        `${key} sums its turn up as ${text([turn.succeeded, turn.failed, turn.cancelled])}; it came to ${text(sums)}`,
      );
    if (text(again) !== text(turn.again))
      this.#violated(`${key} carries over ${text(turn.again)}; its commits say ${text(again)}`);
    const chunk = this.#chunk(id);
    const ended = [...this.outcomes.values()].filter(
      ({ line }) => line.task >= chunk.task && line.task < chunk.task + chunk.count,
    );
    const failed = ended
      .filter(({ line }) => line.status === "failed")
      .map(({ line }) => line.task - chunk.task)
      // What was started again and is carried over is neither.
      .filter((offset) => !again.some((item) => item.offset === offset))
      .sort((a, b) => a - b);
    const cancelled = ended.filter(({ line }) => line.status === "cancelled").length;
    if (text(failed) !== text(turn.failedTasks) || cancelled !== turn.cancelledTasks)
      this.#violated(
        `${key} says failed ${text(turn.failedTasks)}, ${turn.cancelledTasks} cancelled of its chunk; it is ${text(failed)}, ${cancelled}`,
      );
    const { grant } = this.#leases.get(this.keys.lease({ ...id, e: header.epoch })) ?? { grant: Number.NaN };
    if (turn.grant !== grant) this.#violated(`${key} is of grant ${turn.grant}, and its lease of ${grant}`);
    this.#summaries.set(key, turn);
    this.#newest.set(chunkName(id), { id, summary: turn });
  }

  #inputOf({ submission }: Chunk, index: number): number {
    return this.#world.placeOf(submission.id) * inputsPerSubmission + index;
  }

  #chunk(id: { readonly s: number; readonly i: number }): Chunk {
    const chunk = this.ledger && chunkAt(this.ledger, id);
    if (!chunk) throw new Error(`The ledger names no chunk ${id.s}.${id.i}.`);
    return chunk;
  }

  #violated(what: string): void {
    this.#world.violated(what);
  }
}

function chunkNow(ledger: Ledger | undefined, id: Chunk): Chunk | undefined {
  return ledger && chunkAt(ledger, id);
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
