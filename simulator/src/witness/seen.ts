import { chunkAt, hasNextTurn, sessionKeys } from "../../../packages/core/src/protocol/index.ts";
import type {
  Chunk,
  Lease,
  Ledger,
  OutcomeLine,
  SessionKeys,
  TurnId,
  TurnSummary,
} from "../../../packages/core/src/protocol/index.ts";
import { retried } from "../../../packages/core/src/protocol/claim.ts";
import type { Evidence } from "../evidence.ts";
import type { SimProcess } from "../process.ts";
import { isLate } from "../scenario/doubts.ts";
import { inputsPerSubmission } from "../tasks.ts";
import type { World } from "../world.ts";

/** A final outcome, and the turn that brought it. */
export interface Told {
  readonly text: string;
  readonly line: OutcomeLine;
  readonly key: string;
  readonly t: number;
}

/** What the store says of the end of a worker's process. */
export interface ExitTold {
  readonly reason: string;
  readonly startedAt?: number | null;
  readonly stoppedAt?: number | null;
  readonly memory?: number | null;
  /** Of whom else of the same launch the same fact tells. */
  readonly more?: readonly (ExitTold & { readonly slot: number })[];
}

/** What was written in a session so far, in the order in which it was. */
export class Seen {
  readonly world: World;
  readonly evidence: Evidence;
  keys: SessionKeys = sessionKeys("");
  ledger: Ledger | undefined;
  readonly incarnations = new Map<string, SimProcess>();
  readonly leases = new Map<string, Lease>();
  /** Heartbeats: when each worker last put one. */
  readonly beats = new Map<string, number>();
  /** The outcome of each task of the session in its highest turn. */
  readonly outcomes = new Map<number, Told>();
  /** Tasks that failed before a retry of them was granted, and did not run again since. */
  readonly owed = new Set<number>();
  /** Entry that cancelled it, by task. */
  readonly cancelled = new Map<number, number>();
  /** The entry that removed the session. */
  removedAt: number | undefined;
  /** The entry from which on the session had a deadline. */
  limitedAt: number | undefined;
  /** When the deadline was moved last. */
  deadlineSince = 0;
  /** When somebody last said anything that was more than what follows from it. */
  lastWord = 0;
  /** When somebody gave more money first, in virtual milliseconds; and how often it was said that much is spent. */
  moreMoneyAt: number | undefined;
  warnings = 0;
  /** How workers ended, as was written of them, by launch and slot. */
  readonly exits = new Map<string, ExitTold & { readonly toldAt: number }>();
  /** When the first worker was born, in virtual milliseconds. */
  firstBirth: number | undefined;
  /** When a supervisor first said that it can't go on, in virtual milliseconds. */
  gaveUpAt: number | undefined;
  /** When a chunk was leased for the first time last. */
  lastLease = 0;
  /** Who took the supervisor's lease last, and when, in virtual milliseconds. */
  supervisor: { readonly owner: string; readonly process: SimProcess; readonly since: number } | undefined;
  /** First tasks of chunks an owner of which died for want of memory, and nobody could tell those who took over. */
  readonly unheard = new Set<number>();
  /** The session was paused at some time. */
  paused = false;
  /** Who said that it closes while there was work to do that a pause had stopped before, and that goes on. */
  readonly closedAmidResumed = new Set<string>();
  /** Bytes of the logs of attempts whose end a commit tells. */
  readonly logs = new Map<string, number>();
  /** What done turns came to, by key: it fixes the next turn's items. */
  readonly summaries = new Map<string, TurnSummary>();
  /** The newest turn of each chunk that was opened, and what it came to; undefined: it runs. */
  readonly newest = new Map<string, { readonly id: TurnId; readonly summary: TurnSummary | undefined }>();
  /** Outcomes that a retry has made history, by task. */
  readonly history = new Map<number, string[]>();
  /** Lines of commits behind the fence: readers that lag behind find them until they are deleted. */
  readonly behindFence = new Set<string>();

  constructor(world: World, evidence: Evidence) {
    this.world = world;
    this.evidence = evidence;
  }

  processOf(incarnation: string): SimProcess | undefined {
    return this.incarnations.get(incarnation);
  }

  /** Index in the session of the first task of the chunk that a key below `lease/`, `part/` or `done/` names. */
  firstTaskOf(key: string): number | undefined {
    const [s = Number.NaN, i = Number.NaN] = (key.split("/", 4)[3] ?? "").split(".", 2).map(Number);
    return this.ledger && chunkAt(this.ledger, { s, i })?.task;
  }

  /** Incarnations whose process is no more and who are not said to be gone, with the cause that a provider would tell. */
  dead(): [string, "crash" | "oom" | "lost"][] {
    return [...this.incarnations]
      .filter(([incarnation, { alive }]) => !alive && !this.world.objects.has(this.keys.gone(incarnation)))
      .map(([incarnation, { death }]) => [incarnation, causeOf(death)]);
  }

  /** This text was the outcome of the task at some time: a reader that lagged behind may tell it. */
  wasTold(task: number, text: string): boolean {
    if (this.outcomes.get(task)?.text === text || this.behindFence.has(text)) return true;
    return this.history.get(task)?.includes(text) === true;
  }

  /** Every chunk that the ledger names has all of its outcomes, what was to run again did, and no turn is open or to be opened. */
  get finished(): boolean {
    const { ledger } = this;
    if (!ledger) return true;
    if (ledger.removed) return false;
    if (this.outcomes.size < ledger.tasks || this.owed.size > 0) return false;
    return [...this.newest.values()].every(({ id, summary }) => {
      const chunk = this.chunk(id);
      return summary && !hasNextTurn(chunk, summary, chunk.submission.grants);
    });
  }

  /** Tasks that failed and run again, or will, by a grant: also one older than the failure, if that was in a turn that had not read it. */
  get restarted(): ReadonlySet<number> {
    const tasks = new Set<number>();
    for (const { id, summary } of this.newest.values()) {
      const t = summary ? id.t : id.t - 1;
      const last = t < 0 ? undefined : this.summaries.get(this.keys.done({ ...id, t }));
      if (!last) continue;
      const chunk = this.chunk(id);
      const carried = last.again.map(({ offset }) => offset);
      for (const offset of [...carried, ...retried(chunk, last, chunk.submission.grants)]) {
        const outcome = this.outcomes.get(chunk.task + offset);
        if (outcome && outcome.t <= t) tasks.add(chunk.task + offset);
      }
    }
    return tasks;
  }

  /** Entry of the ledger that cancelled the task. */
  cancelledAt(task: number): number | undefined {
    return this.cancelled.get(task);
  }

  /** How many outcomes the task has had. */
  outcomesOf(task: number): number {
    return (this.outcomes.has(task) ? 1 : 0) + (this.history.get(task)?.length ?? 0);
  }

  /** What a worker leaves for; a limit may be moved while it leaves, by who pauses and resumes. */
  get atLimit(): boolean {
    const { storeNow, scenario } = this.world;
    const { session, horizon } = this.ledger ?? {};
    const limit = Math.min(session?.deadline ?? Number.POSITIVE_INFINITY, horizon?.until ?? Number.POSITIVE_INFINITY);
    // It judged by what it knew before it wrote its last word.
    const hearing = 5000 + scenario.latency * (isLate(scenario) ? 500 : 50);
    const moved = this.world.timeline.now - this.deadlineSince < hearing;
    return this.paused || moved || scenario.faults.clockJumps > 0 || limit <= storeNow + 2000;
  }

  /** Milliseconds for which nobody has had a reason to begin anything, however late it hears of deadlines. */
  get overdue(): number {
    const { storeNow, timeline, scenario } = this.world;
    const { session, horizon } = this.ledger ?? {};
    const deadline = Math.min(
      session?.deadline ?? Number.POSITIVE_INFINITY,
      horizon?.until ?? Number.POSITIVE_INFINITY,
    );
    // From its look to its lease a worker asks for some six things, one after the other.
    const claim = scenario.latency * 6;
    return isLate(this.world.scenario)
      ? 0
      : Math.min(storeNow - deadline, timeline.now - this.deadlineSince) - scenario.pace.poll[1] * 2 - 3000 - claim;
  }

  inputOf({ submission }: Chunk, index: number): number {
    return this.world.placeOf(submission.id) * inputsPerSubmission + index;
  }

  chunk(id: { readonly s: number; readonly i: number }): Chunk {
    const chunk = this.ledger && chunkAt(this.ledger, id);
    if (!chunk) throw new Error(`The ledger names no chunk ${id.s}.${id.i}.`);
    return chunk;
  }
}

/** A chunk among those of its session. */
export function chunkName({ s, i }: TurnId): string {
  return `${s}.${i}`;
}

export function text(value: unknown): string {
  return JSON.stringify(value);
}

/** As a provider would say it. */
function causeOf(death: SimProcess["death"]): "crash" | "oom" | "lost" {
  if (death === "oom") return death;
  return death === "error" ? "crash" : "lost";
}
