import type { Backend } from "../../../backend.ts";
import type { Runtime } from "../../../runtime.ts";
import type { Births } from "./births.ts";
import type { Fleet } from "./fleet.ts";
import { nobodyStarted } from "./no-worker.ts";
import type { Refusals } from "../launch/refusals.ts";

export interface FirstWorkerOptions {
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly session: string;
  readonly fleet: Fleet;
  readonly births: Births;
  readonly refusals: Refusals;
}

/** When to stop waiting for a first worker: one that never comes is an answer, too. */
export class FirstWorker {
  readonly #options: FirstWorkerOptions;
  /** Milliseconds. */
  readonly #limit: number;
  /** On our own clock: since when somebody is wished for, and nobody came. */
  #since: number | undefined;

  constructor(options: FirstWorkerOptions, limit: number) {
    this.#options = options;
    this.#limit = limit;
  }

  /** Nobody is wished for: then nobody is late. */
  forget(): void {
    this.#since = undefined;
  }

  /**
   * Somebody is wished for. Milliseconds until it is asked whether anybody came.
   *
   * @throws {SkyburstError} `workers` when nobody ever came to work, for too long.
   */
  async expect(): Promise<number> {
    const { runtime, backend, session, fleet, births, refusals } = this.#options;
    if (births.any) return Number.POSITIVE_INFINITY;
    const now = runtime.monotonic();
    this.#since ??= now;
    const left = this.#since + this.#limit - now;
    if (left > 0) return left;
    await births.look(true);
    if (births.any) return Number.POSITIVE_INFINITY;
    const hopeless = await nobodyStarted(backend, session, this.#limit, refusals.newest);
    // Who never came to work never hears that nobody waits any more, and is paid all the same. A sweep finds what can't be stopped now.
    await backend.stop([...fleet.live.keys()]).catch(ignore);
    throw hopeless;
  }
}

function ignore(): void {
  // Why nobody came says more.
}
