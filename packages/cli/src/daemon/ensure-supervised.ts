import type { AttachedSession, Secrets, StateStore } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Ledger } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";
import { readSecrets } from "../secrets.ts";
import type { FleetFlags, Stack } from "../stack.ts";
import { superviseInBackground } from "./background.ts";
import { hasStandIn, isSupervised } from "./is-supervised.ts";
import { supervised } from "./wait-for-supervisor.ts";

/**
 * Starts a supervisor in the background where there is none, and resolves when one is there, or none is needed.
 *
 * @throws {CliError} `supervisor`
 */
export async function ensureSupervised({ id }: Named, stack: Stack, flags: FleetFlags): Promise<void> {
  const { store, backend } = stack;
  if (await isSupervised(store, id)) return;
  const ledger = await unfinished(store, id);
  if (!ledger) return;
  const here = flagsHere(ledger, stack, flags);
  if (here) return supervised(store, superviseInBackground(id, here, secretsFor(ledger, stack)));
  throw new CliError(
    "supervisor",
    `nobody keeps up the workers of ${id}, which run on ${ledger.session.fleet?.backend}, and here they would on ${backend.name}: give the --config and the --backend that it was submitted with.`,
  );
}

/**
 * The same for who leaves, and can't look again: a supervisor that is taken for alive, though it may have been killed a moment
 * ago, is given somebody who takes its place.
 */
export async function leaveSupervised(session: Named, stack: Stack, flags: FleetFlags): Promise<void> {
  const { store } = stack;
  const { id } = session;
  if (!(await isSupervised(store, id))) return ensureSupervised(session, stack, flags);
  if (await hasStandIn(store, id)) return;
  const ledger = await unfinished(store, id);
  const here = ledger && flagsHere(ledger, stack, flags);
  if (here) superviseInBackground(id, here, secretsFor(ledger, stack));
}

function secretsFor({ session }: Ledger, { secrets }: Stack): Secrets {
  return readSecrets(secrets, session.secrets ?? []);
}

type Named = Pick<AttachedSession, "id">;

/** By which workers of its kind are started here: they may be those of another backend of the configuration. undefined: they can't be. */
function flagsHere({ session: { fleet } }: Ledger, stack: Stack, flags: FleetFlags): FleetFlags | undefined {
  const { backend, backends } = stack;
  if (fleet === undefined || fleet.backend === backend.name) return flags;
  if (flags.backend !== undefined) return undefined;
  const [named, ...more] = Object.keys(backends).filter((name) => backends[name]?.name === fleet.backend);
  // Two of a kind differ in something, and nobody said which of them it was.
  return named === undefined || more.length > 0 ? undefined : { ...flags, backend: named };
}

/** Not a session that waits for somebody to extend it, and not one of which a worker has said that all is done. */
async function unfinished(store: StateStore, id: string): Promise<Ledger | undefined> {
  const facts = factsOf(store, systemRuntime);
  const keys = sessionKeys(id);
  const ledger = await readLedger(facts, keys);
  if (!ledger || ledger.removed || ledger.paused) return undefined;
  return (await facts.get(keys.over(ledger.rev))) ? undefined : ledger;
}
