import type { Facts } from "../../protocol/facts.ts";
import type { Runtime } from "../../runtime.ts";
import type { LedgerView } from "../ledger-view.ts";
import type { SupervisorLease } from "./supervisor-lease.ts";

export interface CandidacyOptions {
  readonly facts: Facts;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly lease: SupervisorLease;
  /** Milliseconds. */
  readonly period: number;
}

/** A candidate looks now and then who supervises, and takes the place of who is gone. false: it was told to end. */
export async function standForSupervisor(
  { runtime, facts, view, lease, period }: CandidacyOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const wait = Math.min(period, facts.store.pace.poll[1]);
  while (!signal.aborted) {
    const sight = await lease.look();
    // Who stands by has to hear of the end, too; and writes nothing where all is deleted.
    await view.follow();
    if (sight.state === "gone") await view.confirm();
    if (signal.aborted) return false;
    if (sight.state === "gone" && !view.current.removed && (await lease.take(sight))) return true;
    await runtime.sleep(sight.state === "late" ? lease.again : wait, signal);
  }
  return false;
}
