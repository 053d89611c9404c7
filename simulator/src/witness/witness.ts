import {
  parseCommit,
  parseDone,
  parseEntry,
  parseJson,
  parseLease,
  parsePart,
  sessionKeys,
} from "../../../packages/core/src/protocol/index.ts";
import type { Lease } from "../../../packages/core/src/protocol/index.ts";
import type { Evidence } from "../evidence.ts";
import type { SimProcess } from "../process.ts";
import { isDoubtful, isLate } from "../scenario/doubts.ts";
import { told } from "../told.ts";
import type { World } from "../world.ts";
import { checkCommit, linesOf } from "./commits.ts";
import { entered } from "./entries.ts";
import { checkLease } from "./leases.ts";
import { Seen } from "./seen.ts";
import type { ExitTold } from "./seen.ts";

/** Sees every object of a session when it is written, and holds it against the invariants of the protocol. */
export class Witness extends Seen {
  /** Workers that were born behind the fence: they read it before they do anything, and nobody waits for them. */
  readonly #latecomers = new Set<string>();

  constructor(world: World, evidence: Evidence) {
    super(world, evidence);
    world.witness = (key, body, by) => this.#saw(key, body, by);
    world.deleted = (key) => this.#deleted(key);
    world.conduct.witness = this;
  }

  #saw(key: string, body: Uint8Array, by: SimProcess): void {
    const [top, session, kind] = key.split("/", 3);
    if (top !== "s" || session === undefined || kind === undefined) return;
    if (this.keys.root !== `s/${session}/`) this.keys = sessionKeys(session);
    const name = key.slice(this.keys.root.length + kind.length + 1);
    try {
      if (kind === "manifest") entered(this, parseEntry(body), by);
      else if (kind === "supervisor") this.#supervised((parseJson(body) as { owner: string }).owner, by);
      else if (kind === "born") this.#born((parseJson(body) as { incarnation: string }).incarnation, by);
      else if (kind === "gone") this.#gone(name, parseJson(body) as { reason?: string }, by);
      else if (kind === "exit") this.#exited(name, parseJson(body) as ExitTold);
      // What zombies write there is taken away later, and is judged by nobody.
      else if (this.ledger?.removed) this.#sawBehindFence(kind, body);
      else if (kind === "lease") checkLease(this, key, parseLease(name), parseJson(body) as Lease);
      else if (kind === "worker") this.beats.set(name, this.world.timeline.now);
      else if (kind === "part") checkCommit(this, key, parsePart(name), parsePart(name), parseCommit(body));
      else if (kind === "done") checkCommit(this, key, parseDone(name), undefined, parseCommit(body));
    } catch (error) {
      this.world.violated(`${key} can't be judged: ${told(error)}`);
    }
  }

  #sawBehindFence(kind: string, body: Uint8Array): void {
    if (kind !== "part" && kind !== "done") return;
    for (const line of linesOf(parseCommit(body))) this.behindFence.add(line);
  }

  #supervised(owner: string, process: SimProcess): void {
    this.supervisor = { owner, process, since: this.world.timeline.now };
  }

  #born(incarnation: string, by: SimProcess): void {
    this.incarnations.set(incarnation, by);
    this.firstBirth ??= this.world.timeline.now;
    if (this.ledger?.removed) this.#latecomers.add(incarnation);
  }

  /** A process has a fact of its own, or is told of in one of its launch; which of them came first is the same. */
  #exited(name: string, { more = [], ...own }: ExitTold): void {
    const [n = 0, j = 0] = name.split(".").map(Number);
    for (const { slot, ...exit } of [{ slot: j, ...own }, ...more])
      this.exits.set(`${n}.${slot}`, { ...exit, toldAt: this.world.storeNow });
  }

  #gone(incarnation: string, { reason }: { readonly reason?: string }, by: SimProcess): void {
    if (reason === "closed" && this.paused && !this.ledger?.paused && !this.finished)
      this.closedAmidResumed.add(by.name);
    if (reason === "failed") this.gaveUpAt ??= this.world.timeline.now;
    if (reason !== "lost" || this.ledger?.removed || isDoubtful(this.world.scenario)) return;
    const { alive, name } = this.incarnations.get(incarnation) ?? {};
    // Nobody can be in doubt of who runs.
    if (alive) this.world.violated(`${name} is said to be lost, and lives`);
  }

  /** An object is deleted: of a session that is fenced, and its ledger when nothing else is left. */
  #deleted(key: string): void {
    if (!key.startsWith(this.keys.root)) return;
    if (this.ledger?.removed !== true) return this.world.violated(`${key} is deleted, and the session is not removed`);
    const { objects } = this.world;
    const isLedger = key.startsWith(this.keys.manifests);
    if (isLedger && objects.under(this.keys.root).some((other) => !other.startsWith(this.keys.manifests)))
      this.world.violated(`${key} is deleted before all else of its session`);
    if (isLedger || this.world.scenario.removal?.now !== false || isLate(this.world.scenario)) return;
    for (const [incarnation, { alive, name }] of this.incarnations)
      if (
        alive &&
        !this.#latecomers.has(incarnation) &&
        !objects.has(this.keys.gone(incarnation)) &&
        name.startsWith("w")
      )
        return this.world.violated(`${key} is deleted while ${name} lives`);
  }
}
