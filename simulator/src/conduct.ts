import { parseCommit } from "../../packages/core/src/protocol/index.ts";
import type { WorkerEnd } from "../../packages/worker/src/worker.ts";
import type { SimProcess } from "./process.ts";
import type { Kind } from "./store.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** What one process has learnt, and what it has to do for that. */
interface Knowledge {
  /** Commits that were not taken, by key: the epoch that they told. */
  readonly lost: Map<string, number>;
  /** First tasks of chunks whose lease a later owner has, which this process knows. */
  readonly superseded: Set<number>;
  /** When it asked last who supervises. */
  asked: number;
  /** Leases that it has asked for. */
  readonly wanted: Set<string>;
  /** It knows that it was superseded, and has not asked yet whether it was declared gone. */
  mustAsk: boolean;
  /** Newest ledger entry behind which it has looked and found none, and when. */
  ledger: { readonly rev: number; readonly at: number };
  /** Its newest `gone`, and how many tasks there were then. */
  left?: {
    readonly tasks: number;
    readonly owed: readonly number[];
    readonly paused: boolean;
    readonly ended: boolean;
  };
  /** Its last word, and when it first sent it. */
  leaving?: { readonly key: string; readonly at: number };
  /** Virtual time of its newest write. */
  wrote: number;
  ended?: WorkerEnd;
}

/** Holds what processes do against what they know. The witness sees what is in the store; this sees who did it knowing what. */
export class Conduct {
  readonly #world: World;
  readonly #known = new Map<SimProcess, Knowledge>();
  /** Who decided each launch. */
  readonly decisions = new Map<number, string>();
  /** Set before anything happens. */
  witness: Witness | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  sent(process: SimProcess, kind: Kind, key: string): void {
    const known = this.#known.get(process);
    if (key.includes("/supervisor/")) this.#of(process).asked = this.#world.timeline.now;
    if (kind === "create" && key.includes("/launch/")) this.#launches(process, key);
    if (known && kind === "create" && key.includes("/gone/") && known.leaving?.key !== key)
      known.leaving = { key, at: this.#world.timeline.now };
    if (known && kind === "create" && key.includes("/lease/")) this.#wanted(process, known, key);
    if (!known?.mustAsk) return;
    if (kind === "get" && key.includes("/gone/")) known.mustAsk = false;
    if (kind === "create" && key.includes("/lease/"))
      this.#world.violated(`${key} is wanted by ${process.name}, which was superseded and does not ask why`);
  }

  /** Who launches has asked not long ago whether it still supervises. */
  #launches(process: SimProcess, key: string): void {
    const { scenario, timeline } = this.#world;
    const { freezes, slow, refused, lostRequests, lostAnswers, lateLandings, outages, backend } = scenario.faults;
    if (freezes + slow + refused + lostRequests + lostAnswers + lateLandings + outages + backend > 0) return;
    const silence = timeline.now - (this.#known.get(process)?.asked ?? 0);
    if (silence > 60_000)
      this.#world.violated(
        `${key} is decided by ${process.name}, which asked ${Math.round(silence)} ms ago whether it still supervises`,
      );
  }

  /** What is sent again was decided on before. */
  #wanted(process: SimProcess, known: Knowledge, key: string): void {
    if (known.wanted.has(key)) return;
    known.wanted.add(key);
    if (known.ledger.rev >= (this.witness?.removedAt ?? Number.POSITIVE_INFINITY))
      this.#world.violated(`${key} is wanted by ${process.name}, which has read that the session is removed`);
  }

  lost(process: SimProcess, key: string, body: Uint8Array): void {
    if (isCommit(key)) this.#of(process).lost.set(key, parseCommit(body).header.epoch);
  }

  /** A commit that took the place of its own tells whether it was superseded. */
  read(process: SimProcess, key: string, body: Uint8Array | undefined): void {
    if (!body) return this.#missed(process, key);
    const known = this.#known.get(process);
    const epoch = known?.lost.get(key);
    if (!known || epoch === undefined || !process.name.startsWith("w")) return;
    known.lost.delete(key);
    const first = this.witness?.firstTaskOf(key);
    if (first === undefined || parseCommit(body).header.epoch <= epoch) return;
    known.superseded.add(first);
    known.mustAsk = true;
  }

  /** The newest ledger entry that it has read. */
  rev(process: SimProcess): number {
    return this.#of(process).ledger.rev;
  }

  /** Who finds no further entry has read all before it. */
  #missed(process: SimProcess, key: string): void {
    const [, , kind, name] = key.split("/", 4);
    if (kind === "manifest") this.#of(process).ledger = { rev: Number(name) - 1, at: this.#world.timeline.now };
  }

  wrote(process: SimProcess, key: string): void {
    const known = this.#of(process);
    known.wrote = this.#world.timeline.now;
    const [, , kind, name] = key.split("/", 4);
    if (kind === "launch") this.decisions.set(Number(name), process.name);
    if (kind === "lease") known.superseded.delete(this.witness?.firstTaskOf(key) ?? -1);
    const ledger = this.witness?.ledger;
    if (kind === "gone" && ledger && this.witness?.processOf(name ?? "") === process)
      known.left = {
        tasks: ledger.tasks,
        owed: [...(this.witness?.owed ?? [])],
        paused: ledger.paused !== undefined || ledger.removed === true,
        ended: ledger.submissions.length > 0 && ledger.submissions.every((submission) => submission.ended),
      };
  }

  /** @param first The first task of the chunk that it belongs to. */
  started(process: SimProcess, first: number, task: number): void {
    const { rev = -1, at = 0 } = this.#known.get(process)?.ledger ?? {};
    if ((this.witness?.cancelledAt(task) ?? Number.POSITIVE_INFINITY) <= rev && at < this.#world.timeline.now)
      this.#world.violated(`${process.name} starts task ${task}, of which it has read that it is cancelled`);
    const overdue = this.witness?.overdue ?? 0;
    if (overdue > 0)
      this.#world.violated(
        `${process.name} starts a task ${Math.round(overdue)} ms after it can be known that the deadline has passed`,
      );
    if (this.#known.get(process)?.superseded.has(first))
      this.#world.violated(`${process.name} starts a task of the chunk of task ${first}, whose lease it knows it lost`);
  }

  /** A worker ended by itself. */
  ended(process: SimProcess, end: WorkerEnd): void {
    const known = this.#of(process);
    known.ended = end;
    if (end === "over") this.#expectOver(process, known);
    if (end === "paused" && this.witness && !this.witness.atLimit)
      this.#world.violated(`${process.name} leaves as if at a limit, and the session has reached none`);
    // Who had to send its last word again and again judged by what was there long ago.
    const { at = 0 } = known.leaving ?? {};
    const late = this.#world.timeline.now - at > this.#world.scenario.ttl / 4;
    if (end === "idle" && known.left?.ended && !late) this.#expectOthers(process);
  }

  /** Who leaves because all is over has looked again after it said so: nothing that was there by then is left undone. */
  #expectOver(process: SimProcess, { left }: Knowledge): void {
    const { witness } = this;
    if (!left || left.paused || !witness || witness.ledger?.paused) return;
    for (let task = 0; task < left.tasks; task++)
      if (!witness.outcomes.has(task))
        return this.#world.violated(`${process.name} left as if all were over, and task ${task} has no outcome`);
    const owed = left.owed.filter((task) => witness.owed.has(task));
    if (owed.length > 0)
      this.#world.violated(`${process.name} left as if all were over, and the retry of task ${owed[0]} is not`);
  }

  /** Behind the last chunks some stay until it would show that their owner is lost. */
  #expectOthers(process: SimProcess): void {
    const { scenario, timeline } = this.#world;
    const { witness } = this;
    if (!witness?.ledger || scenario.faults.clockJumps + scenario.faults.outages > 0) return;
    if (witness.outcomes.size === witness.ledger.tasks && witness.owed.size === 0) return;
    let others = 0;
    for (const [other, { wrote, ended: left }] of this.#known)
      if (other !== process && other.name.startsWith("w") && left !== "idle" && timeline.now - wrote < scenario.ttl * 2)
        others++;
    if (others < 2) this.#world.violated(`${process.name} leaves the last chunks to ${others} other workers`);
  }

  #of(process: SimProcess): Knowledge {
    let known = this.#known.get(process);
    if (!known)
      this.#known.set(
        process,
        (known = {
          lost: new Map(),
          superseded: new Set(),
          wanted: new Set(),
          asked: 0,
          mustAsk: false,
          ledger: { rev: -1, at: 0 },
          wrote: 0,
        }),
      );
    return known;
  }
}

function isCommit(key: string): boolean {
  return key.includes("/done/") || key.includes("/part/");
}
