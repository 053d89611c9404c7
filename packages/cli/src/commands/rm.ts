import { findSession, removeSession } from "@skyburst/core";
import type { Removed } from "@skyburst/core";
import { facts as factsOf, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";
import { interruption } from "../interrupt.ts";
import { countOf } from "../output/count-of.ts";
import { printResult } from "../output/print-result.ts";
import { sizeOf } from "../output/size-of.ts";
import { tell } from "../output/tell.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags, Stack } from "../stack.ts";
import { typed } from "../typed.ts";

export interface RmFlags extends FleetFlags {
  readonly now?: boolean;
}

/** After so long in milliseconds, who waits is told for what. */
const impatience = 1000;

/** Removes a session with its workers and all that it left in the store, and says before how much that is. */
export async function rm(called: string, flags: RmFlags): Promise<number> {
  const stack = await composeStack(flags);
  const id = await findSession(stack.store, called);
  await tell(`removing ${await describe(id, stack)}`);
  const { objects, bytes, ...rest } = await remove(id, stack, flags);
  const said = `removed ${id}: ${countOf(objects, "object")}, ${sizeOf(bytes)}`;
  await printResult(flags, { session: id, objects, bytes, ...rest }, said);
  return 0;
}

async function remove(id: string, { store, backend }: Stack, flags: RmFlags): Promise<Removed> {
  const signal = interruption();
  const waiting = setTimeout(() => void tell(whatFor(flags)), impatience);
  try {
    const removed = await removeSession(store, id, { backend, now: flags.now, signal });
    signal.throwIfAborted();
    return removed;
  } catch (error) {
    if (!(error instanceof CliError && error.code === "interrupted")) throw error;
    const left = `${id} is hidden, and something of it is left. To go on: ${typed(["rm", id], flags)}`;
    throw new CliError("interrupted", `interrupted: ${left}`, { exitCode: error.exitCode });
  } finally {
    clearTimeout(waiting);
  }
}

async function describe(id: string, { store, backend }: Stack): Promise<string> {
  let objects = 0;
  let bytes = 0;
  for await (const { entries } of factsOf(store, systemRuntime).list(sessionKeys(id).root)) {
    objects += entries.length;
    for (const { size } of entries) bytes += size;
  }
  const workers = (await backend.list(id)).filter(({ state }) => state !== "exited").length;
  const running = workers === 0 ? "" : `, with ${countOf(workers, "worker")} on ${backend.name}`;
  return `${id}: ${countOf(objects, "object")}, ${sizeOf(bytes)}${running}`;
}

function whatFor({ now }: RmFlags): string {
  return now ? "deleting" : "waiting until no worker can be alive; with --now, it is you who knows that";
}
