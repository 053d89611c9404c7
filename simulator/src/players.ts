import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Job, Played, Sign } from "./player.ts";

/** A seed takes some 100 ms of processor time: one that takes this long, in milliseconds, goes round in circles. */
const patience = 180_000;

/** So many times as long a player may give no sign of life, whose machine has other things to do. */
const stillness = 5;

/** Processes that play seeds, each one at a time. Those of one play are there for the next one, until `end`. */
export class Players {
  readonly #file: string;
  readonly #count: number;
  readonly #patience: number;
  readonly #idle: ChildProcess[] = [];

  /** @param longest Milliseconds of processor time after which a seed is given up. */
  constructor(file: string, count: number, longest = patience) {
    this.#file = file;
    this.#count = count;
    this.#patience = longest;
  }

  /** Plays jobs until none is left, or `told` returns false; in no order. */
  async play(jobs: Iterator<Job>, told: (played: Played) => boolean): Promise<void> {
    let stopped = false;
    const one = async () => {
      let child = this.#idle.pop();
      try {
        for (let next = jobs.next(); !next.done && !stopped; next = jobs.next()) {
          child ??= this.#start();
          const played = await this.#playOne(child, next.value);
          if (!child.connected) child = undefined;
          if (!told(played)) stopped = true;
        }
      } finally {
        if (child?.connected) this.#idle.push(child);
      }
    };
    await Promise.all(Array.from({ length: this.#count }, one));
  }

  end(): void {
    for (const child of this.#idle.splice(0)) child.disconnect();
  }

  #start(): ChildProcess {
    // Nearly all that a simulation makes is soon forgotten.
    return fork(this.#file, {
      execArgv: ["--enable-source-maps", "--max-semi-space-size=32"],
      serialization: "advanced",
    });
  }

  #playOne(child: ChildProcess, job: Job): Promise<Played> {
    return new Promise((resolve) => {
      let heard = performance.now();
      const end = (played: Played) => {
        clearInterval(timer);
        child.off("message", hear);
        child.off("exit", onExit);
        resolve(played);
      };
      const broken = (what: string, more?: Pick<Played, "unfinished">) =>
        end({ seed: job.seed, scenario: "", violations: [what], trace: [], elapsed: 0, ...more });
      const onExit = (code: number | null, signal: string | null) =>
        broken(`The simulation ends its process: ${signal ?? `exit ${code}`}.`);
      const giveUp = (what: string) => {
        child.kill("SIGKILL");
        child.disconnect();
        broken(`Played for ${this.#patience / 1000} s ${what}, it came to no end.`, { unfinished: true });
      };
      const hear = (told: Played | Sign) => {
        heard = performance.now();
        if ("seed" in told) end(told);
        else if (told.used > this.#patience) giveUp("of processor time");
      };
      const timer = setInterval(() => {
        if (performance.now() - heard > this.#patience * stillness) giveUp("and more without a sign of life");
      }, 1000);
      child.on("message", hear);
      child.on("exit", onExit);
      child.send(job);
    });
  }
}
