import type { Facts } from "../../packages/core/src/protocol/index.ts";
import type { Runtime } from "../../packages/core/src/runtime.ts";
import type { StateStore } from "../../packages/core/src/store.ts";

/** What stands between the code under test and its world: one way in which a bug is put into it. */
export interface Rules {
  /** The store of each client and worker. */
  readonly store?: (store: StateStore, runtime: Runtime) => StateStore;
  /** What a worker knows of the store. */
  readonly facts?: (facts: Facts, runtime: Runtime) => Facts;
  /** Time and chance of a worker. */
  readonly runtime?: (runtime: Runtime) => Runtime;
}

/** The other way: a text of a module replaced by another, in the copy that the simulator builds. */
export interface Patch {
  /** Below `packages/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Bug {
  readonly rules?: Rules;
  readonly patches?: readonly Patch[];
}
