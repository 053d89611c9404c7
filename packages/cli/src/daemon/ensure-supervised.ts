import type { AttachedSession, StateStore } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Ledger } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";
import type { FleetFlags, Stack } from "../stack.ts";
import { superviseInBackground } from "./background.ts";
import { isSupervised } from "./is-supervised.ts";
import { supervised } from "./wait-for-supervisor.ts";

/**
 * Starts a supervisor in the background where there is none, and resolves when one is there, or none is needed.
 *
 * @throws {CliError} `supervisor`
 */
export async function ensureSupervised(
  { id }: Pick<AttachedSession, "id">,
  { store, backend }: Stack,
  flags: FleetFlags,
): Promise<void> {
  if (await isSupervised(store, id)) return;
  const ledger = await unfinished(store, id);
  if (!ledger) return;
  const { fleet } = ledger.session;
  if (fleet !== undefined && fleet.backend !== backend.name)
    throw new CliError(
      "supervisor",
      `nobody keeps up the workers of ${id}, which run on ${fleet.backend}, and here they would on ${backend.name}: give the --config that it was submitted with.`,
    );
  await supervised(store, superviseInBackground(id, flags));
}

/** Not a session that waits for somebody to extend it, and not one of which a worker has said that all is done. */
async function unfinished(store: StateStore, id: string): Promise<Ledger | undefined> {
  const facts = factsOf(store, systemRuntime);
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger || ledger.removed || ledger.paused) return undefined;
  return (await facts.get(keys.over(ledger.rev))) ? undefined : ledger;
}
