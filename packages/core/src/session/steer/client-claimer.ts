import { grantsOf } from "../../protocol/chunk.ts";
import type { Claimer } from "../../protocol/claim.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { LedgerView } from "../ledger-view.ts";

/** Leases what a client ends without running it. */
export function clientClaimer(facts: Facts, keys: SessionKeys, view: LedgerView, owner: string): Claimer {
  return {
    facts,
    keys,
    owner,
    commitInterval: view.current.session.commitInterval,
    grants: (chunk) => grantsOf(view.current, chunk),
    // Nothing is measured where nothing runs: all of a chunk goes into one batch.
    seconds: () => 0,
    bytes: () => 0,
    isStopped: () => view.current.removed === true,
  };
}
