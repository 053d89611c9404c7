import { attachSession } from "../../packages/core/src/session/attach.ts";
import type { SessionEvent } from "../../packages/core/src/session/events/event.ts";
import { storeOf } from "./client.ts";
import type { ClientRun } from "./client.ts";
import { startLives } from "./lives.ts";
import { arrival } from "./place.ts";
import type { SimProcess } from "./process.ts";
import { isRefused } from "./refusals.ts";
import type { ListenerPlan } from "./scenario/plans.ts";
import type { Witness } from "./witness/witness.ts";
import type { World } from "./world.ts";

/** Readings that it begins at most, and the time between two of them in milliseconds. */
const readings = 12;
const pause = 20_000;

/** Somebody who follows a session's events, is killed, and goes on where the cursor stood. */
export class Listener {
  readonly run: ClientRun;
  readonly #world: World;
  readonly #witness: Witness;
  readonly #wait: boolean;
  readonly #name: string;
  #cursor: string | undefined;
  /** As JSON. */
  readonly #told: string[] = [];

  constructor(world: World, witness: Witness, plan: ListenerPlan, name: string) {
    this.#world = world;
    this.#witness = witness;
    this.#wait = plan.wait;
    this.#name = name;
    this.run = startLives(world, name, plan, (process, life) => this.#listen(process, life === 0 ? plan.start : 0));
  }

  async #listen(process: SimProcess, start: number): Promise<void> {
    const { runtime } = process;
    await runtime.sleep(start);
    const session = await arrival(this.#witness, process);
    if (session === undefined) return;
    for (let n = 0; n < readings; n++) {
      if (n > 0) await runtime.sleep(pause);
      try {
        await this.#read(process, session, this.#wait);
        if (this.#wait) return;
      } catch (error) {
        if (isRefused(error, this.#witness)) return;
        // Who pays, or starts workers, may come yet.
        if (!/is paused|Nobody works on the session/.test(String(error))) throw error;
      }
    }
  }

  async #read(process: SimProcess, called: string, wait: boolean): Promise<void> {
    const session = await attachSession(storeOf(this.#world, process), called, { runtime: process.runtime });
    const reading = session.events({ from: this.#cursor, wait });
    for await (const event of reading) {
      this.#told.push(JSON.stringify(event));
      this.#cursor = reading.cursor;
    }
    this.#cursor = reading.cursor;
  }

  /** When all is over: whoever goes on from the cursor has been told each event once, and somebody who begins anew is told the same. */
  async finish(): Promise<void> {
    const { timeline } = this.#world;
    const session = this.#witness.keys.root.slice(2, -1);
    const anew: SessionEvent[] = [];
    let over = false;
    const reading = (async () => {
      await this.#read(this.#world.process(`${this.#name}.last`), session, false);
      const process = this.#world.process(`${this.#name}.anew`);
      const attached = await attachSession(storeOf(this.#world, process), session, { runtime: process.runtime });
      for await (const event of attached.events()) anew.push(event);
    })().finally(() => {
      over = true;
    });
    reading.catch(() => undefined);
    await timeline.run(() => over, timeline.now + 3_600_000);
    if (!over) return this.#violated("hangs, when all is over");
    await reading;
    // A clock that jumps by minutes changes the order of what it dates, so that leases behind a commit are told to nobody who comes later.
    if (this.#world.scenario.faults.clockJumps === 0) this.#compare(anew);
  }

  #compare(anew: readonly SessionEvent[]): void {
    const [told, all] = [this.#told, anew.map((event) => JSON.stringify(event))].map(counted);
    for (const [event, count] of all ?? [])
      if (told?.get(event) !== count)
        this.#violated(`is told ${told?.get(event) ?? 0} times and not ${count}: ${event}`);
    for (const event of told?.keys() ?? [])
      if (!all?.has(event)) this.#violated(`is told what nobody else is: ${event}`);
    const outcomes = anew.reduce(
      (sum, event) => sum + (event.type === "committed" ? event.succeeded + event.failed + event.cancelled : 0),
      0,
    );
    const { ledger } = this.#witness;
    let had = 0;
    for (let task = 0; task < (ledger?.tasks ?? 0); task++) had += this.#witness.outcomesOf(task);
    if (outcomes !== had) this.#violated(`is told of ${outcomes} outcomes of ${had}`);
  }

  #violated(what: string): void {
    this.#world.violated(`${this.#name} ${what}`);
  }
}

function counted(events: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
  return counts;
}
