import type { AttachedSession, StateStore } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, stateOf, systemRuntime } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";
import type { FleetFlags, Stack } from "../stack.ts";
import { typed } from "../typed.ts";
import { superviseInBackground } from "./background.ts";
import type { Background } from "./background.ts";
import { isSupervised } from "./is-supervised.ts";

/** Longest time from the start of a process until it supervises, in milliseconds: on a machine that has better things to do. */
const patience = 60_000;

/** Starts a supervisor in the background where there is none, and resolves when one is there, or none is needed. */
export async function ensureSupervised(
  session: Pick<AttachedSession, "id">,
  stack: Pick<Stack, "store">,
  flags: FleetFlags,
): Promise<void> {
  if ((await isSupervised(stack.store, session.id)) || !(await needsSupervisor(stack.store, session.id))) return;
  await supervised(session, stack, flags, superviseInBackground(session.id, flags));
}

/** Not one that waits for somebody to extend it, and not one of which a worker has said that all is done. */
async function needsSupervisor(store: StateStore, id: string): Promise<boolean> {
  const facts = factsOf(store, systemRuntime);
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger) return false;
  const state = stateOf(ledger);
  return state === "open" || (state === "ended" && (await facts.get(keys.over(ledger.rev))) === undefined);
}

/** Resolves when the session has a supervisor, or the one that was started found that it needs none. */
export async function supervised(
  { id }: Pick<AttachedSession, "id">,
  { store }: Pick<Stack, "store">,
  flags: FleetFlags,
  background: Background,
): Promise<void> {
  const { monotonic, sleep } = systemRuntime;
  const [shortest, longest] = store.pace.poll;
  const until = monotonic() + patience;
  for (let wait = shortest; ; wait = Math.min(wait * 1.5, longest, 1000)) {
    // Asked before the store is: what ends behind the look may have supervised until then.
    const ending = background.ending();
    if (ending === 0 || (await isSupervised(store, id))) return;
    if (ending !== undefined) throw unsupervised(id, flags, background.said() || `it ended with ${ending}.`);
    if (monotonic() > until) throw unsupervised(id, flags, background.said() || "it was not there after a minute.");
    await sleep(wait);
  }
}

function unsupervised(id: string, flags: FleetFlags, why: string): CliError {
  return new CliError(
    "supervisor",
    `${id} is stored, but no supervisor could be started for it: ${why.trim()} To try again: ${typed(["supervise", id], flags)}`,
  );
}
