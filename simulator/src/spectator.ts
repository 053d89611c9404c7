import { facts as factsOf, parseLog, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import type { OutcomeLine } from "../../packages/core/src/protocol/index.ts";
import { readLedger } from "../../packages/core/src/protocol/read-ledger.ts";
import { collect } from "../../packages/core/src/session/collect/collector.ts";
import { LedgerView } from "../../packages/core/src/session/ledger-view.ts";
import { SessionLogs } from "../../packages/core/src/session/logs/session-logs.ts";
import type { LogPiece } from "../../packages/core/src/session/logs/chunk-logs.ts";
import type { SimProcess } from "./process.ts";
import { SimStore } from "./store.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";
import { told } from "./told.ts";

export interface Spectator {
  readonly process: SimProcess;
  over: boolean;
}

/** Somebody in another process who looks on while the session runs: at its outcomes, or at its logs. */
export function startSpectator(world: World, witness: Witness): Spectator {
  const process = world.process("spectator");
  const random = world.random.fork("spectator");
  const spectator: Spectator = { process, over: false };
  const watch = random.chance(0.5) ? watchLogs : watchOutcomes;
  world.timeline.at(random.between(0, 30_000), () =>
    process.deliver(() => {
      watch(world, process, witness, random.chance(0.5)).then(
        () => {
          spectator.over = true;
        },
        (error: unknown) => {
          spectator.over = true;
          if (!String(error).includes("is paused") && witness.ledger?.removed !== true)
            world.violated(`The spectator fails: ${told(error)}`);
        },
      );
    }),
  );
  return spectator;
}

async function attach(world: World, process: SimProcess, witness: Witness) {
  const { runtime } = process;
  const facts = factsOf(new SimStore(world, process), runtime);
  while (!witness.ledger) await runtime.sleep(1000);
  const { keys } = witness;
  const ledger = await readLedger(facts, keys);
  if (!ledger) throw new Error("The session can't be read.");
  return { facts, keys: sessionKeys(keys.root.slice(2, -1)), runtime, view: new LedgerView(facts, keys, ledger) };
}

async function watchOutcomes(world: World, process: SimProcess, witness: Witness, ordered: boolean): Promise<void> {
  const reader = await attach(world, process, witness);
  while (reader.view.current.submissions.length === 0) {
    await reader.runtime.sleep(1000);
    await reader.view.follow();
  }
  for (const { id } of reader.view.current.submissions) {
    const seen = new Set<number>();
    for await (const { lines } of collect({ ...reader, submission: id, ordered, wait: true })) {
      for (const line of new TextDecoder().decode(lines).split("\n").slice(0, -1)) {
        const { index, task } = JSON.parse(line) as OutcomeLine;
        if (seen.has(index) || (ordered && index !== seen.size))
          world.violated(`The spectator of ${id} was given index ${index} after ${seen.size} outcomes.`);
        if (!witness.wasTold(task, line))
          world.violated(`The spectator of ${id} was given another outcome of task ${task}: ${line.slice(0, 200)}`);
        seen.add(index);
      }
    }
    const tasks = reader.view.submission(id)?.tasks;
    if (seen.size !== tasks) world.violated(`The spectator of ${id} got ${seen.size} of ${tasks} outcomes.`);
  }
}

async function watchLogs(world: World, process: SimProcess, witness: Witness): Promise<void> {
  const reader = await attach(world, process, witness);
  const logs = new SessionLogs({ ...reader, client: "spectator" });
  const check = new LogCheck(world, witness, "The spectator");
  for await (const piece of logs.follow()) await check.add(piece);
  check.end(reader.view.current.segments.length);
}

/** Each byte of each log once, in order, and all of those that outcomes speak of. */
export class LogCheck {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #who: string;
  readonly #given = new Map<string, number>();

  constructor(world: World, witness: Witness, who: string) {
    this.#world = world;
    this.#witness = witness;
    this.#who = who;
  }

  async add(piece: LogPiece): Promise<void> {
    if (this.#witness.ledger?.removed) return;
    const name = this.#witness.keys.logsOf(piece);
    const given = this.#given.get(name) ?? 0;
    if (piece.at !== given)
      this.#world.violated(`${this.#who} is given ${name} from ${piece.at} on, after ${given} bytes`);
    const bytes = await piece.read();
    if (bytes.length !== piece.size)
      this.#world.violated(`${this.#who} is given ${bytes.length} bytes of ${name}, which should be ${piece.size}`);
    this.#given.set(name, piece.at + piece.size);
  }

  /** @param segments As far as it was read: what is submitted after an end is not part of it. */
  end(segments: number): void {
    if (this.#witness.ledger?.removed) return;
    for (const [name, bytes] of this.#witness.logs) {
      if (parseLog(name.slice(this.#witness.keys.logs.length)).s >= segments) continue;
      if (this.#given.get(name) !== bytes)
        this.#world.violated(`${this.#who} is given ${this.#given.get(name) ?? 0} of ${bytes} bytes of ${name}`);
    }
  }
}
