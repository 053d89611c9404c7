import type {
  LaunchRequest,
  LaunchResult,
  Refusal,
  WorkerExit,
  WorkerStatus,
} from "../../../packages/core/src/backend.ts";
import { parseJson, sessionKeys } from "../../../packages/core/src/protocol/index.ts";
import type { SimProcess } from "../process.ts";
import type { Random } from "../random.ts";
import { providerOf } from "../scenario/with-provider.ts";
import type { World } from "../world.ts";
import { expectAttended } from "./attendance.ts";
import { Charges } from "./charges.ts";
import { Demand } from "./demand.ts";
import { fateOf, startStorms } from "./fates.ts";
import { exits } from "./machine.ts";
import type { Machine, StartWorker } from "./machine.ts";
import { Room } from "./room.ts";

/** A worker with nothing but short waits sets this many in a second, tasks of a millisecond included. */
const mostLooks = 400;

/** The time after which a provider gives a worker up that does not start, in milliseconds, in the mean. */
const silence = 300_000;

/** When its clock began, on its own clock. */
const epoch = 1_700_000_000_000;

/** The provider behind all backends of a simulation: what really runs, and what it says of it. */
export class Provider {
  readonly #world: World;
  readonly #random: Random;
  readonly #lags: Random;
  readonly #start: StartWorker;
  readonly #machines = new Map<string, Machine>();
  readonly #launches = new Map<string, { readonly slot: number; readonly id: string }[]>();
  readonly #watchers = new Set<() => void>();
  readonly #room: Room;
  readonly #demand: Demand;
  readonly charges: Charges;
  /** What it said of workers that ended, true or not, by launch and slot. */
  readonly told = new Map<string, WorkerStatus[]>();
  #count = 0;

  constructor(world: World, start: StartWorker) {
    this.#world = world;
    this.#random = world.random.fork("provider");
    this.#lags = world.random.fork("provider's lags");
    this.#start = start;
    this.#room = new Room(world);
    const machines = { [Symbol.iterator]: () => this.#machines.values() };
    this.#demand = new Demand(world, machines);
    this.charges = new Charges(world, machines);
    startStorms(world, machines);
  }

  get machines(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  get running(): SimProcess[] {
    return this.machines.map(({ process }) => process).filter(({ alive }) => alive);
  }

  /** @param launcher The process that calls. */
  launch(request: LaunchRequest, launcher: string): { started: { slot: number; id: string }[]; refused: Refusal[] } {
    const { scenario, faulty } = this.#world;
    const { refusals, duplicates } = scenario.faults;
    this.#expectFact(request);
    if ((request.spec.memory ?? 0) > (scenario.memory?.most ?? 0))
      this.#world.violated(
        `launch/${request.launch} asks for ${request.spec.memory} bytes, and no worker can have so many`,
      );
    const isNew = !this.#launches.has(request.token);
    if (isNew) this.#demand.called(request, launcher);
    const known = scenario.token ? this.#launches.get(request.token) : undefined;
    const started = known ?? [];
    const refused: Refusal[] = [];
    for (const slot of request.slots) {
      if (started.some((other) => other.slot === slot)) continue;
      if (faulty && this.#random.chance(refusals)) {
        refused.push({
          slot,
          kind: this.#random.pick(["quota", "capacity"]),
          message: "not now",
          ...(this.#random.chance(0.5) ? { retryAfter: this.#random.between(100, 20_000) } : {}),
        });
        continue;
      }
      const full = this.#room.refusal(slot, this.running.length);
      if (full) {
        refused.push(full);
        continue;
      }
      const copies = faulty && this.#random.chance(duplicates) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const id = this.#boot(request, slot, launcher, copy > 0);
        if (copy === 0) started.push({ slot, id });
      }
    }
    this.#launches.set(request.token, started);
    return { started, refused };
  }

  /** A launch is decided in the store before the provider hears of it. Whoever removes the session may take that away in between. */
  #expectFact({ sessionId, launch, token, slots }: LaunchRequest): void {
    if (this.#world.conduct.witness?.ledger?.removed) return;
    const fact = this.#world.objects.get(sessionKeys(sessionId).launch(launch));
    const { count = 0, token: decided } = (fact ? parseJson(fact) : {}) as { count?: number; token?: string };
    if (decided !== token || count < slots.length)
      this.#world.violated(`launch/${launch} of ${slots.length} workers was called, and the store says ${count}`);
  }

  /** The caller of a launch has heard its answer: from now on it can stop what it started. */
  answered(launcher: string, { started, refused }: LaunchResult): void {
    this.#demand.answered(launcher, started.length, refused);
    for (const { id } of started) {
      const machine = this.#machines.get(id);
      if (machine) machine.answered = true;
    }
  }

  expectAttended(launcher: string): void {
    expectAttended(this.#world, this.#machines.values(), launcher);
  }

  /** How many more could start, as it says. */
  get capacity(): number {
    return this.#room.capacity(this.running.length);
  }

  /** What somebody has heard of that. undefined: it asks anew. */
  said(caller: string, free: number | undefined): void {
    this.#demand.told(caller, free);
  }

  list(): WorkerStatus[] {
    const { now } = this.#world.timeline;
    return this.machines.filter(({ forgotten, listed }) => !forgotten && listed <= now).map(({ told }) => told);
  }

  stop(id: string, grace: number): void {
    const machine = this.#machines.get(id);
    if (!machine?.process.alive) return;
    machine.asked = true;
    this.#world.note(machine.process.name, "gets SIGTERM");
    machine.terminate();
    // What did not start has nothing to finish.
    this.#world.timeline.at(machine.from === undefined ? 0 : grace, () => machine.process.die("killed"));
  }

  /** Calls `changed` whenever something may be told anew. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  #boot(request: LaunchRequest, slot: number, launcher: string, hidden: boolean): string {
    const { timeline, scenario } = this.#world;
    const name = `w${this.#count++}`;
    const id = `machine-${name}`;
    const started = this.#start(name, request, slot);
    const { process, terminate } = started;
    const status: WorkerStatus = { id, launch: request.launch, slot, state: "pending" };
    const machine: Machine = {
      id,
      status,
      told: status,
      process,
      terminate,
      launcher,
      at: timeline.now,
      listed: timeline.now + this.#lag(),
      answered: false,
      asked: false,
      forgotten: false,
      hidden,
    };
    this.#machines.set(id, machine);
    this.#world.note(
      name,
      `starts as ${request.launch}.${slot}${Number.isFinite(process.memory) ? ` with ${process.memory}` : ""}`,
    );
    this.#begin(machine, started.begin);
    process.onDeath((death) => {
      this.#world.note(name, `is gone: ${death}`);
      if (process.restless > mostLooks)
        this.#world.violated(`${name} woke ${process.restless} times in one second for nothing.`);
      machine.to = timeline.now;
      machine.forgotten = this.#world.faulty && this.#random.chance(scenario.faults.forgotten);
      machine.status = { ...machine.status, state: "exited", exit: exits[death], stoppedAt: this.#now };
      timeline.at(this.#random.exponential(scenario.reportDelay), () => this.#tell(machine));
    });
    fateOf(this.#world, this.#random, machine, (other, falsely) => this.#tell(other, falsely));
    return id;
  }

  /** Its program runs when the machine has booted, if it ever does. */
  #begin(machine: Machine, begin: () => void): void {
    const { timeline, scenario, faulty, timesheet } = this.#world;
    const { process } = machine;
    const luck = this.#world.random.fork(`boot of ${process.name}`);
    const [least, beyond] = scenario.boot ?? [0, 500];
    const boot =
      least + luck.exponential(beyond) + (luck.chance(scenario.faults.lateBoots) ? luck.exponential(60_000) : 0);
    timesheet.launched(process, boot);
    const { silent, awakes } = scenario.faults;
    if (faulty && (timeline.now < awakes || luck.chance(silent))) {
      this.#world.note(process.name, "will never start");
      timeline.at(luck.exponential(silence), () => process.die("lost"));
      return;
    }
    timeline.at(boot, () => {
      if (!process.alive) return;
      machine.from = timeline.now;
      machine.status = { ...machine.status, state: "running", startedAt: this.#now };
      this.#tell(machine);
      begin();
    });
  }

  get #now(): number {
    const { offset, drift } = providerOf(this.#world.scenario).clock;
    return Math.floor(epoch + offset + this.#world.timeline.now * (1 + drift));
  }

  /** Shorter than three looks of who lists: what is missing from then on counts as gone. */
  #lag(): number {
    const { scenario, faulty } = this.#world;
    const look = Math.min(15_000, scenario.pace.ttl / 4);
    return faulty ? Math.min(this.#lags.exponential(scenario.faults.listLag), look * 1.5) : 0;
  }

  #tell(machine: Machine, falsely?: WorkerExit): void {
    // Once it was said to be gone, nothing but its end is told of it any more.
    if (machine.told.state === "exited" && machine.status.state !== "exited") return;
    machine.told = falsely
      ? { ...machine.status, state: "exited", exit: falsely, stoppedAt: this.#now }
      : machine.status;
    if (falsely) machine.hidden = true;
    const { launch, slot, state } = machine.told;
    if (state === "exited")
      this.told.set(`${launch}.${slot}`, [...(this.told.get(`${launch}.${slot}`) ?? []), machine.told]);
    for (const changed of this.#watchers) changed();
  }
}
