import type { JsonObject, StateStore } from "@skyburst/core";
import { StoreError } from "@skyburst/core";
import type { StoreFacts } from "../../src/index.ts";
import { memory } from "./memory-store.ts";

/** What is wrong with a store: members in place of those of a right one. */
type Fault = (right: StateStore, place: string) => Partial<StateStore>;

export type BrokenStores = Readonly<Record<string, BrokenStore>>;

interface BrokenStore {
  readonly fault: Fault;
  /** The tests that say so, as `group: test`. */
  readonly fails: readonly string[];
  /** What the fault needs to show. */
  readonly facts?: StoreFacts;
}

export function broken(place: string, fault: Fault): StateStore {
  const right = memory(place);
  return {
    reference: right.reference,
    pace: right.pace,
    create: (...given) => right.create(...given),
    get: (...given) => right.get(...given),
    list: (...given) => right.list(...given),
    put: (...given) => right.put(...given),
    delete: (...given) => right.delete(...given),
    now: () => right.now(),
    close: async () => right.close?.(),
    ...fault(right, place),
  };
}

export function reopened(fault: Fault): (options: JsonObject) => StateStore {
  return ({ place, ...others }) => {
    if (Object.keys(others).length > 0) throw new StoreError("option", "only `place`");
    return broken(typeof place === "string" ? place.replace(/\?.*/, "") : "", fault);
  };
}
