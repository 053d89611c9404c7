import type { AttachedSession, StateStore } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { FleetFlags, Stack } from "../stack.ts";
import { superviseInBackground } from "./background.ts";
import { isSupervised } from "./is-supervised.ts";
import { supervised } from "./wait-for-supervisor.ts";

/** Starts a supervisor in the background where there is none, and resolves when one is there, or none is needed. */
export async function ensureSupervised(
  session: Pick<AttachedSession, "id">,
  stack: Pick<Stack, "store">,
  flags: FleetFlags,
): Promise<void> {
  if ((await isSupervised(stack.store, session.id)) || !(await needsSupervisor(stack.store, session.id))) return;
  await supervised(stack.store, superviseInBackground(session.id, flags));
}

/** Not one that waits for somebody to extend it, and not one of which a worker has said that all is done. */
async function needsSupervisor(store: StateStore, id: string): Promise<boolean> {
  const facts = factsOf(store, systemRuntime);
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger || ledger.removed || ledger.paused) return false;
  return (await facts.get(keys.over(ledger.rev))) === undefined;
}
