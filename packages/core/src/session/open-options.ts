import type { Backend, WorkerSpec } from "../backend.ts";
import type { CostEstimator } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Serializer } from "../serializer/index.ts";
import type { StateStore } from "../store.ts";

export interface OpenOptions {
  /** Where workers run. Borrowed: it is not closed with the session. */
  readonly backend: Backend;
  /** Where every fact of the job lives. Borrowed. */
  readonly store: StateStore;
  /** How inputs, results and shared values travel. Default: {@link serializer}. Another one needs a `reference`. */
  readonly serializer?: Serializer | undefined;
  /** What things cost. Default: what backend and store say of themselves. */
  readonly costs?: CostEstimator | undefined;
  /** Workers at a time. Default 1. */
  readonly workers?: number | undefined;
  /** What a worker is made of. `slots`, the tasks that it runs at a time: default its processors; on this machine, its share of them. */
  readonly spec?: WorkerSpec | undefined;
  /** Shown by `skyburst ls`. Need not be unique: the newest wins. */
  readonly name?: string | undefined;
  /** Age at which any client may sweep the session from its store, once nobody lives in it, in milliseconds. Default: never. */
  readonly expires?: number | undefined;
  /** How long workers stay when nothing is left to do, in milliseconds. Default 10,000. */
  readonly linger?: number | undefined;
  /** Work per commit, in milliseconds. Default: what the store suggests. */
  readonly commitInterval?: number | undefined;
  /** Age at which a silent worker's lease may be taken over, in milliseconds, at least 1,000. Default: the store's. */
  readonly ttl?: number | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/** @throws {SkyburstError} `option`, naming the one whose value cannot be. */
export function checkOpenOptions({ workers, ttl, commitInterval, linger }: OpenOptions): void {
  if (workers !== undefined && (!Number.isInteger(workers) || workers < 1))
    throw new SkyburstError("option", `workers is ${workers}; it has to be a whole number of at least 1.`);
  if (ttl !== undefined && !(ttl >= 1000))
    throw new SkyburstError("option", `ttl is ${ttl} ms; it has to be at least 1000.`);
  if (commitInterval !== undefined && !(commitInterval > 0))
    throw new SkyburstError("option", `commitInterval is ${commitInterval} ms; it has to be more than 0.`);
  if (linger !== undefined && !(linger >= 0))
    throw new SkyburstError("option", `linger is ${linger} ms; it can't be negative.`);
}
