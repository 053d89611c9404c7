import type { WorkerStatus } from "../../../backend.ts";
import type { FleetPlan } from "../../../plan-fleet.ts";
import type { CommitHeader } from "../../../protocol/commit.ts";
import { Births } from "./births.ts";
import { Fleet } from "./fleet.ts";
import { fleetState } from "./fleet-state.ts";
import type { FleetState } from "./fleet-state.ts";
import { IdleWorkers } from "./idle-workers.ts";
import type { Launches } from "../launch/launches.ts";
import { MemoryNeeds } from "../launch/memory-needs.ts";
import { Refusals } from "../launch/refusals.ts";
import { Room } from "../launch/room.ts";
import { Setbacks } from "./setbacks.ts";
import { Silence } from "./silence.ts";
import type { TenureOptions } from "../supervisor-options.ts";

/** What a backend's workers take to start when it does not say, in milliseconds. */
const usualStartup = 1000;

/** The workers of a session, and all that who supervises learns of them: who came to work, who ended and how, who was refused. */
export class Crew {
  readonly fleet: Fleet;
  readonly births: Births;
  readonly refusals: Refusals;
  readonly room: Room;
  readonly setbacks: Setbacks;
  readonly idle: IdleWorkers;
  readonly needs: MemoryNeeds;
  readonly #silence: Silence;
  readonly #launches: Launches;
  readonly #failed: (why: unknown) => void;

  /** @param changed Something is to be planned. */
  constructor(options: TenureOptions, changed: () => void) {
    const { facts, keys, runtime, backend, period, spending } = options;
    this.#failed = options.failed;
    this.#launches = options.launches;
    this.births = new Births({ facts, keys, runtime, period, startup: backend.capabilities.startup ?? usualStartup });
    this.#silence = new Silence({ facts, keys, runtime, births: this.births, ttl: options.view.current.session.ttl });
    this.refusals = new Refusals(runtime, period);
    this.needs = new MemoryNeeds(facts, keys);
    this.room = new Room({ ...options, needs: this.needs });
    this.setbacks = new Setbacks(options);
    this.idle = new IdleWorkers(facts, keys);
    this.fleet = new Fleet({
      ...options,
      // Of a price that can't be asked for, it is told all the same: what a worker cost is counted later.
      pays: () =>
        spending.rate().then(
          (rate = 0) => rate > 0,
          () => true,
        ),
      ended: (status, lives) => this.#ended(status, lives),
      changed,
    });
  }

  state(newest: FleetPlan): FleetState {
    return fleetState(newest, this.fleet, this.births, this.refusals, this.#launches.doing);
  }

  /** A commit was read: what died before was not the work's fault alone, and whoever wrote it came to work. */
  progressed({ worker, succeeded }: CommitHeader): void {
    this.setbacks.progressed(succeeded > 0);
    this.#silence.broken();
    const [, launch, slot] = /^(\d+)\.(\d+)\./.exec(worker) ?? [];
    if (launch !== undefined) this.births.note({ launch: Number(launch), slot: Number(slot) });
  }

  /** Takes over from who supervised before. @param wanted What was decided is to be done. */
  async adopt(wanted: boolean): Promise<void> {
    const { born, gone, answers } = await this.fleet.adopt(wanted);
    for (const seat of born) this.births.note(seat);
    for (const { asked, result, ago } of answers) this.refusals.judge(asked, result, true, ago);
    this.setbacks.inherit(gone);
    this.watch();
  }

  /** Takes for lost who is silent for good. */
  async giveUpSilent(): Promise<void> {
    const silent = await this.#silence.find(this.fleet.live);
    if (silent.length > 0) await this.fleet.giveUp(silent);
  }

  /** Not before there is somebody to watch: looking would hold a first launch up. */
  watch(): void {
    this.fleet.watch().catch(this.#failed);
  }

  async #ended({ id, launch, slot, exit }: WorkerStatus, lives: number | undefined): Promise<void> {
    this.refusals.freed();
    this.room.freed();
    if (lives === undefined) this.idle.left({ launch, slot });
    if (exit?.reason !== "error" && exit?.reason !== "oom") return;
    if (lives !== 0) return this.setbacks.countDeath();
    const hopeless = await this.setbacks.countStillborn(id);
    if (hopeless) this.#failed(hopeless);
  }
}
