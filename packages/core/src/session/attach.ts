import { ownCosts } from "../costs.ts";
import type { CostEstimator } from "../costs.ts";
import type { Runtime } from "../runtime.ts";
import type { Serializer } from "../serializer/index.ts";
import type { StateStore } from "../store.ts";
import type { AttachedSession } from "./attached.ts";
import { joinSession } from "./join-session.ts";
import { sessionSerializer } from "./session-serializer.ts";
import { storeOperations } from "./store-operations.ts";

export interface AttachOptions {
  /** How results travel that are no plain JSON. Default: {@link serializer}; else the one that the session was opened with. */
  readonly serializer?: Serializer | undefined;
  /** What things cost. Default: what the store says of itself, and nothing of workers. */
  readonly costs?: CostEstimator | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/**
 * Comes to a session of a store, from anywhere. Nothing is written before an operation asks for it.
 *
 * @param called Its id, a beginning that no other id has, or its name, of which the newest wins.
 * @throws {SkyburstError} `session` when there is none, more than one, or it was removed.
 */
export async function attachSession(
  store: StateStore,
  called: string,
  options: AttachOptions = {},
): Promise<AttachedSession> {
  const place = await joinSession(store, called, options.runtime);
  const serializer = sessionSerializer(options.serializer);
  return storeOperations({ place, serializer, costs: ownCosts(store, undefined, options.costs) });
}
