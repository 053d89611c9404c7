import type { Facts } from "../../packages/core/src/protocol/index.ts";
import type { Runtime } from "../../packages/core/src/runtime.ts";
import type { StateStore } from "../../packages/core/src/store.ts";

/** What stands between the code under test and its world: the way in which a test puts a bug into it. */
export interface Rules {
  /** The store of each client and worker. */
  readonly store?: (store: StateStore, runtime: Runtime) => StateStore;
  /** What a worker knows of the store. */
  readonly facts?: (facts: Facts, runtime: Runtime) => Facts;
  /** Time and chance of a worker. */
  readonly runtime?: (runtime: Runtime) => Runtime;
}
