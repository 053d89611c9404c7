import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { exits } from "./machine.ts";
import type { Machine } from "./machine.ts";
import type { WorkerExit } from "../../../packages/core/src/backend.ts";

/** Time from a notice to the end, in milliseconds. */
const notice = 30_000;

/** What a provider does to a worker that it has just started. @param tell Says falsely that it ended. */
export function fateOf(
  world: World,
  random: Random,
  machine: Machine,
  tell: (machine: Machine, falsely: WorkerExit) => void,
): void {
  const { timeline, scenario, faulty } = world;
  const { spot, kills, stillborn, falseExits, until } = scenario.faults;
  const { process } = machine;
  const moment = () => Math.min(random.exponential(30_000), Math.max(0, until - timeline.now));
  const soon = moment();
  const drawn = [random.chance(stillborn), random.chance(spot), random.chance(kills), random.chance(falseExits)];
  if (!faulty) return;
  if (drawn[0]) timeline.at(0, () => process.die("error"));
  if (drawn[1]) timeline.at(soon, () => reclaim(world, random, machine));
  if (drawn[2]) timeline.at(moment(), () => process.die(random.pick(["error", "oom", "lost", "spot"])));
  if (drawn[3]) {
    timeline.at(moment(), () => {
      if (!process.alive) return;
      world.note(process.name, "is falsely told to be gone");
      tell(machine, random.pick([exits.lost, exits.error, exits.spot]));
    });
  }
}

/** At some moments every second worker is wanted by somebody who pays more. */
export function startStorms(world: World, machines: Iterable<Machine>): void {
  const { timeline, scenario } = world;
  const random = world.random.fork("storms");
  for (let n = 0; n < scenario.faults.storms; n++) {
    timeline.at(random.between(0, scenario.faults.until), () => {
      world.note("provider", "reclaims every second worker");
      for (const machine of machines) if (random.chance(0.5)) reclaim(world, random, machine);
    });
  }
}

function reclaim(world: World, random: Random, { process, terminate }: Machine): void {
  if (!process.alive) return;
  world.note(process.name, "gets a spot notice");
  terminate();
  world.timeline.at(random.between(0, notice), () => process.die("spot"));
}
