import { rmSync, statSync } from "node:fs";
import { attachSession, supervise as keep } from "@skyburst/core";
import type { StateStore, SuperviseEnd, WorkerSpec } from "@skyburst/core";
import { facts as factsOf, readLedger, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Ledger } from "@skyburst/core/protocol";
import { outputVariable } from "../daemon/background.ts";
import { outputOf } from "../daemon/output-file.ts";
import { CliError } from "../errors.ts";
import type { EventsFlags } from "../events/events-option.ts";
import { EventRecord } from "../events/record-events.ts";
import { interruption } from "../interrupt.ts";
import { tellCost } from "../output/tell-cost.ts";
import { tell } from "../output/tell.ts";
import { Warning } from "../output/warning.ts";
import { handedSecrets, readSecrets } from "../secrets.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags } from "../stack.ts";
import { typed } from "../typed.ts";

/** Keeps the workers of a session up until it is over. Whoever started it may end meanwhile, and so may its terminal. */
export async function supervise(called: string, flags: FleetFlags & EventsFlags): Promise<number> {
  process.on("SIGHUP", ignore);
  const handed = handedSecrets();
  // They may be what the store is opened by as well.
  Object.assign(process.env, handed);
  const stack = await composeStack(flags);
  const session = await attachSession(stack.store, called);
  const { id } = session;
  const signal = interruption();
  const { store, backend, costs } = stack;
  const { fleet: submitted, secrets: names } = await submittedSession(store, id);
  const spec: WorkerSpec = { ...submitted?.spec, ...stack.spec };
  const secrets = handed ?? readSecrets(stack.secrets, names ?? []);
  const fleet = { ...(flags.workers === undefined ? {} : { workers: flags.workers }), spec };
  if (process.stderr.isTTY) await tell(`supervising ${id}; Ctrl-C leaves it to its workers`);
  const record = new EventRecord(store, flags.events);
  record.begin(id);
  const keeping = keep({ store, backend, costs, session: id, ...fleet, secrets, signal });
  const end = await keeping.finally(() => record.end());
  if (process.stderr.isTTY) await tellCost(session, { look: stack, quiet: false, warning: new Warning(), spec });
  if (end === "left") throw interrupted(signal, id);
  if (end === "over") forgetOutput();
  else await tell(notOver(end, id, flags));
  return codes[end];
}

/** What its workers are made of, as far as the session's ledger tells: not their environment. */
async function submittedSession(store: StateStore, id: string): Promise<Partial<Ledger["session"]>> {
  const ledger = await readLedger(factsOf(store, systemRuntime), sessionKeys(id));
  return ledger?.session ?? {};
}

const codes = { over: 0, paused: 4, idle: 4 } as const;

function notOver(end: Exclude<SuperviseEnd, "over" | "left">, id: string, flags: FleetFlags): string {
  return end === "paused"
    ? `${id} is paused, and nobody resumed it. To go on: ${typed(["extend", id], flags)}`
    : `${id} is open, and nobody added anything. To end it: ${typed(["end", id], flags)}`;
}

function interrupted({ reason }: AbortSignal, id: string): CliError {
  const exitCode = reason instanceof CliError ? reason.exitCode : 130;
  return new CliError("interrupted", `nobody supervises ${id} now; its workers go on.`, { exitCode });
}

/** Of whom all went well nobody needs the file to which nothing was printed. */
function forgetOutput(): void {
  const prefix = process.env[outputVariable];
  const path = prefix === undefined ? undefined : outputOf(prefix, process.pid);
  if (path !== undefined && statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path, { force: true });
}

function ignore(): void {
  // A terminal that is closed takes nothing with it.
}
