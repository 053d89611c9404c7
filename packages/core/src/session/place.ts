import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import type { Runtime } from "../runtime.ts";
import type { LedgerView } from "./ledger-view.ts";

/** A session as one process sees it: where its facts stand, and its ledger as far as it was read. */
export interface Place {
  readonly id: string;
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  /** Name of this process among those that write to the session. */
  readonly client: string;
}
