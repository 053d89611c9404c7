import { facts as factsOf, listAll, parseJson, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import { attachSession } from "@skyburst/core";
import type { Refusal, SessionStatus, WorkerStatus } from "@skyburst/core";
import { signal } from "../outlive/processes.ts";
import { onStages, Stage, ways } from "../outlive/stage.ts";
import type { Way } from "../outlive/stage.ts";
import type { Ground } from "../outlive/ground.ts";
import { renterByApi, renterByCommand } from "./renter.ts";
import type { Renter } from "./renter.ts";
import type { Mark, Room } from "./room.ts";
import { RentedGround } from "./terms.ts";

/** A launch as its facts tell of it. */
export interface LaunchTold {
  readonly n: number;
  readonly count: number;
  readonly because: string;
  /** Client that decided it. */
  readonly by: string;
  /** Undefined: nobody has said how it went. */
  readonly started: number | undefined;
  readonly refused: readonly Refusal[];
}

/** Where workers are rented. */
export class FleetStage extends Stage {
  readonly rented: RentedGround;
  readonly renter: Renter;
  readonly way: Way;

  constructor(ground: Ground, way: Way) {
    const rented = new RentedGround(ground);
    super(rented, ways[way]);
    this.rented = rented;
    this.way = way;
    this.renter = { command: renterByCommand, API: renterByApi }[way](rented);
  }

  get room(): Room {
    return this.rented.room;
  }

  /** A worker is killed, and the provider says so of it: `error`, where it has nothing to add to how it ended. */
  take(id: string, why: Mark | "error"): void {
    if (why !== "error") this.room.mark(id, why);
    const { worker, machine } = this.room.pidsOf(id);
    signal(worker ?? machine, "SIGKILL");
  }

  /** A spot worker is given notice. What is called then is the end of the time that the provider grants. */
  reclaim(id: string): () => void {
    this.room.mark(id, "spot");
    const { machine, worker } = this.room.pidsOf(id);
    signal(machine, "SIGTERM");
    return () => {
      const isThere = this.room.living().some((living) => living.id === id);
      if (isThere && worker !== undefined) signal(worker, "SIGKILL");
    };
  }

  async status(session: string): Promise<SessionStatus> {
    return (await attachSession(this.ground.store, session)).status();
  }

  async launches(session: string): Promise<LaunchTold[]> {
    const facts = factsOf(this.ground.store, systemRuntime);
    const keys = sessionKeys(session);
    const { entries } = await listAll(facts, keys.launches);
    return Promise.all(
      entries.map(async ({ key }) => {
        const n = Number(key.slice(keys.launches.length));
        const [fact, answer] = await Promise.all([facts.get(key), facts.get(keys.launched(n))]);
        const { count, because, by } = parseJson(fact ?? new Uint8Array()) as LaunchTold;
        const told = answer && (parseJson(answer) as { readonly started: readonly unknown[]; refused: Refusal[] });
        return { n, count, because, by, started: told?.started.length, refused: told?.refused ?? [] };
      }),
    );
  }

  /** What was said of each life of a worker when it was over. */
  async lastWords(session: string, { launch, slot }: Pick<WorkerStatus, "launch" | "slot">): Promise<unknown[]> {
    const facts = factsOf(this.ground.store, systemRuntime);
    const { gones } = sessionKeys(session);
    const { entries } = await listAll(facts, gones);
    const own = entries.filter(({ key }) => key.startsWith(`${gones}${launch}.${slot}.`));
    return Promise.all(own.map(async ({ key }) => parseJson((await facts.get(key)) ?? new Uint8Array())));
  }

  override async clear(): Promise<void> {
    await this.renter.leave();
    await super.clear();
  }
}

/** Tests with rented workers on both stores, by command and by API. */
export async function onEveryFleetStage(define: (stage: () => FleetStage) => void): Promise<void> {
  await onStages((ground, way) => new FleetStage(ground, way), define);
}
