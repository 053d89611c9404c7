import { attachSession } from "../../packages/core/src/session/attach.ts";
import type { OutcomeLine } from "../../packages/core/src/protocol/index.ts";
import { storeOf } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { startLives } from "./lives.ts";
import { arrival } from "./place.ts";
import type { SimProcess } from "./process.ts";
import { isRefused } from "./refusals.ts";
import type { CollectorPlan } from "./scenario/plans.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** Readings that one collector begins at most, and the time between two of them in milliseconds. */
const readings = 12;
const pause = 20_000;

/** Somebody who collects a session's outcomes, is killed, and goes on where the cursor stood. */
export class Collector {
  readonly run: ClientRun;
  readonly #world: World;
  readonly #witness: Witness;
  readonly #plan: CollectorPlan;
  readonly #name: string;
  /** As a file would keep it: written when the outcomes before it are. */
  #cursor: string | undefined;
  /** Texts by task, in the order in which they were told. */
  readonly #told = new Map<number, string[]>();

  constructor(world: World, witness: Witness, plan: CollectorPlan, name: string) {
    this.#world = world;
    this.#witness = witness;
    this.#plan = plan;
    this.#name = name;
    this.run = startLives(world, name, plan, (process, life) => this.#live(process, life === 0 ? plan.start : 0));
  }

  async #live(process: SimProcess, start: number): Promise<void> {
    try {
      await this.#collect(process, start);
    } catch (error) {
      if (!isRefused(error, this.#witness)) throw error;
    }
  }

  async #collect(process: SimProcess, start: number): Promise<void> {
    const { runtime } = process;
    await runtime.sleep(start);
    const session = await arrival(this.#witness, process);
    if (session === undefined) return;
    for (let n = 0; n < readings; n++) {
      if (n > 0) await runtime.sleep(pause);
      try {
        if (await this.#read(process, session, this.#plan.wait)) return;
      } catch (error) {
        // Who pays, or starts workers, may come yet.
        if (!/is paused|Nobody works on the session/.test(String(error))) throw error;
      }
    }
  }

  /** true: all of a session that has ended was told. */
  async #read(process: SimProcess, called: string, wait: boolean): Promise<boolean> {
    const session = await attachSession(storeOf(this.#world, process), called, { runtime: process.runtime });
    const reading = session.outcomeLines({ from: this.#cursor, wait, failed: this.#plan.failed });
    const first = this.#cursor === undefined;
    let last = -1;
    for await (const { lines } of reading) {
      for (const line of new TextDecoder().decode(lines).split("\n").slice(0, -1)) {
        const { task } = JSON.parse(line) as OutcomeLine;
        this.#add(task, line);
        if (task <= last) this.#violated(`is given task ${task} behind ${last}`);
        if (first && !this.#plan.failed && task !== last + 1) this.#violated(`is given task ${task} behind ${last}`);
        last = task;
      }
      this.#cursor = reading.cursor;
    }
    this.#cursor = reading.cursor;
    return reading.complete;
  }

  #add(task: number, line: string): void {
    const told = this.#told.get(task) ?? [];
    this.#told.set(task, [...told, line]);
    // What zombies leave in a session that was removed is nobody's.
    if (this.#witness.ledger?.removed) return;
    if (!this.#witness.wasTold(task, line))
      this.#violated(`is given another outcome of task ${task}: ${line.slice(0, 200)}`);
    if (this.#plan.failed && !line.includes('"status":"failed"'))
      this.#violated(`asks for what failed, and is given ${line.slice(0, 200)}`);
    if (told.length >= this.#witness.outcomesOf(task))
      this.#violated(
        `is given ${told.length + 1} outcomes of task ${task}, which had ${this.#witness.outcomesOf(task)}`,
      );
  }

  /** When all is over: whoever goes on from the cursor has then been told the newest outcome of each task. */
  async finish(): Promise<void> {
    const { timeline } = this.#world;
    const process = this.#world.process(`${this.#name}.last`);
    const session = this.#witness.keys.root.slice(2, -1);
    let over = false;
    const reading = this.#read(process, session, false).finally(() => {
      over = true;
    });
    reading.catch(() => undefined);
    await timeline.run(() => over, timeline.now + 3_600_000);
    if (!over) return this.#violated("hangs, when all is over");
    await reading;
    for (const { line, text } of this.#witness.outcomes.values()) {
      if (this.#plan.failed && line.status !== "failed") continue;
      const told = this.#told.get(line.task)?.at(-1);
      if (told !== text)
        this.#violated(`was told last of task ${line.task}: ${told?.slice(0, 200)}; it is ${text.slice(0, 200)}`);
    }
  }

  #violated(what: string): void {
    this.#world.violated(`${this.#name} ${what} (cursor ${this.#cursor})`);
  }
}
