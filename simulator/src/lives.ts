import type { ClientRun } from "./client.ts";
import type { SimProcess } from "./process.ts";
import type { World } from "./world.ts";

/** How often somebody is killed, and when the next one goes on. */
export interface Lives {
  /** Operations on the store after which the first processes die. */
  readonly lives: readonly number[];
  /** Milliseconds until the next one goes on. */
  readonly again: number;
}

/** Somebody who is killed and goes on: one process after the other does the same, until one of them comes to its end. */
export function startLives(
  world: World,
  name: string,
  { lives, again }: Lives,
  live: (process: SimProcess, life: number) => Promise<void>,
): ClientRun {
  const begin = (life: number): SimProcess => {
    const process = world.process(`${name}.${life}`, lives[life]);
    process.onDeath(() => {
      if (run.over) return;
      world.timeline.at(again, () => {
        run.process = begin(life + 1);
      });
    });
    live(process, life).then(
      () => {
        run.over = true;
      },
      (error: unknown) => {
        run.over = true;
        run.error = error;
      },
    );
    return process;
  };
  const run: ClientRun = {
    process: world.process(`${name}.none`),
    collected: [],
    session: undefined,
    over: false,
    returns: true,
  };
  run.process = begin(0);
  return run;
}
