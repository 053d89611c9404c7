import type { LaunchRequest, Refusal, WorkerExit, WorkerStatus } from "../../packages/core/src/backend.ts";
import { parseJson, sessionKeys } from "../../packages/core/src/protocol/index.ts";
import type { Death, SimProcess } from "./process.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

interface Machine {
  status: WorkerStatus;
  /** What the provider says of it, which may be late or false. */
  told: WorkerStatus;
  readonly process: SimProcess;
  readonly terminate: () => void;
  /** Who launched it, and got to know of it. */
  readonly launcher: string;
  answered: boolean;
  asked: boolean;
  forgotten: boolean;
  /** From when on it is listed. */
  readonly listed: number;
}

/** A worker program that was started: its process, and how it is asked to end. */
export interface Started {
  readonly process: SimProcess;
  readonly terminate: () => void;
}

export type StartWorker = (name: string, request: LaunchRequest, slot: number) => Started;

const exits: Readonly<Record<Death, WorkerExit>> = {
  end: { code: 0, reason: "done" },
  error: { code: 1, reason: "error" },
  oom: { code: 137, reason: "oom" },
  spot: { code: 143, reason: "spot" },
  killed: { signal: "SIGKILL", reason: "stopped" },
  lost: { reason: "lost" },
};

/** A worker with nothing but short waits sets this many in a second, tasks of a millisecond included. */
const mostLooks = 400;

/** The provider behind all backends of a simulation: what really runs, and what it says of it. */
export class Provider {
  readonly #world: World;
  readonly #random: Random;
  readonly #lags: Random;
  readonly #start: StartWorker;
  readonly #machines = new Map<string, Machine>();
  readonly #launches = new Map<string, { readonly slot: number; readonly id: string }[]>();
  readonly #watchers = new Set<() => void>();
  #count = 0;

  constructor(world: World, start: StartWorker) {
    this.#world = world;
    this.#random = world.random.fork("provider");
    this.#lags = world.random.fork("provider's lags");
    this.#start = start;
  }

  get running(): SimProcess[] {
    return [...this.#machines.values()].map(({ process }) => process).filter(({ alive }) => alive);
  }

  /** @param launcher The process that calls. */
  launch(request: LaunchRequest, launcher: string): { started: { slot: number; id: string }[]; refused: Refusal[] } {
    const { scenario, faulty } = this.#world;
    const { refusals, duplicates } = scenario.faults;
    this.#expectFact(request);
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
      const copies = faulty && this.#random.chance(duplicates) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const id = this.#boot(request, slot, launcher);
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

  /** A launch was answered: from now on the caller can stop what it started. */
  answered(started: readonly { readonly id: string }[]): void {
    for (const { id } of started) {
      const machine = this.#machines.get(id);
      if (machine) machine.answered = true;
    }
  }

  /**
   * A client has closed: each worker that it knows of was asked to end, or has ended. Unless others have work for them, or somebody
   * else supervised meanwhile.
   */
  expectAttended(launcher: string): void {
    if (this.#isShared(launcher)) return;
    for (const { process, asked, answered, told, launcher: by } of this.#machines.values())
      if (by === launcher && answered && !asked && process.alive && told.state === "running")
        this.#world.violated(`${process.name} was left behind by ${launcher}, which closed`);
  }

  #isShared(launcher: string): boolean | undefined {
    const { conduct, objects, scenario } = this.#world;
    const { witness } = conduct;
    const { ledger, keys } = witness ?? {};
    // What it cancelled and could not end itself is ended by workers, and what somebody retries.
    if (witness && (!witness.finished || (ledger?.grants ?? 0) > 0)) return true;
    if (keys && objects.has(keys.supervisor(2))) return true;
    const own = launcher === "client" ? 0 : Number(launcher.slice("joiner".length));
    return ledger?.submissions.some(
      // What somebody else wants to be tried again is theirs, too.
      ({ id, grants }) => grants.length > 0 || scenario.submissions[this.#world.placeOf(id)]?.client !== own,
    );
  }

  list(): WorkerStatus[] {
    const { now } = this.#world.timeline;
    return [...this.#machines.values()]
      .filter(({ forgotten, listed }) => !forgotten && listed <= now)
      .map(({ told }) => told);
  }

  stop(id: string, grace: number): void {
    const machine = this.#machines.get(id);
    if (!machine?.process.alive) return;
    machine.asked = true;
    this.#world.note(machine.process.name, "gets SIGTERM");
    machine.terminate();
    this.#world.timeline.at(grace, () => machine.process.die("killed"));
  }

  /** Calls `changed` whenever something may be told anew. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  #boot(request: LaunchRequest, slot: number, launcher: string): string {
    const { timeline, scenario } = this.#world;
    const name = `w${this.#count++}`;
    const id = `machine-${name}`;
    const { process, terminate } = this.#start(name, request, slot);
    const status: WorkerStatus = { id, launch: request.launch, slot, state: "running" };
    const listed = timeline.now + this.#lag();
    const machine: Machine = {
      status,
      told: status,
      process,
      terminate,
      launcher,
      listed,
      answered: false,
      asked: false,
      forgotten: false,
    };
    this.#machines.set(id, machine);
    process.onDeath((death) => {
      this.#world.note(name, `is gone: ${death}`);
      if (process.restless > mostLooks)
        this.#world.violated(`${name} woke ${process.restless} times in one second for nothing.`);
      machine.forgotten = this.#world.faulty && this.#random.chance(scenario.faults.forgotten);
      machine.status = { ...status, state: "exited", exit: exits[death] };
      timeline.at(this.#random.exponential(scenario.reportDelay), () => this.#tell(machine));
    });
    this.#fateOf(machine);
    return id;
  }

  /** Shorter than three looks of who lists: what is missing from then on counts as gone. */
  #lag(): number {
    const { scenario, faulty } = this.#world;
    const look = Math.min(15_000, scenario.pace.ttl / 4);
    return faulty ? Math.min(this.#lags.exponential(scenario.faults.listLag), look * 1.5) : 0;
  }

  #fateOf(machine: Machine): void {
    const { timeline, scenario, faulty } = this.#world;
    const { spot, kills, stillborn, falseExits, until } = scenario.faults;
    const random = this.#random;
    const { process } = machine;
    const moment = () => Math.min(random.exponential(30_000), Math.max(0, until - timeline.now));
    const soon = moment();
    const drawn = [random.chance(stillborn), random.chance(spot), random.chance(kills), random.chance(falseExits)];
    if (!faulty) return;
    if (drawn[0]) timeline.at(0, () => process.die("error"));
    if (drawn[1]) {
      timeline.at(soon, () => {
        if (!process.alive) return;
        this.#world.note(process.name, "gets a spot notice");
        machine.terminate();
        timeline.at(random.between(0, 30_000), () => process.die("spot"));
      });
    }
    if (drawn[2]) timeline.at(moment(), () => process.die(random.pick(["error", "oom", "lost", "spot"])));
    if (drawn[3]) {
      timeline.at(moment(), () => {
        if (!process.alive) return;
        this.#world.note(process.name, "is falsely told to be gone");
        this.#tell(machine, random.pick([exits.lost, exits.error, exits.spot]));
      });
    }
  }

  #tell(machine: Machine, falsely?: WorkerExit): void {
    machine.told = falsely ? { ...machine.status, state: "exited", exit: falsely } : machine.status;
    for (const changed of this.#watchers) changed();
  }
}
