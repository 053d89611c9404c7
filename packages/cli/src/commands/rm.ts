import { findSession, removeSession } from "@skyburst/core";
import { facts as factsOf, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
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
  const { store, backend } = stack;
  const id = await findSession(store, called);
  const signal = interruption();
  await tell(`removing ${await describe(id, stack)}`);
  const waiting = setTimeout(() => void tell(whatFor(flags)), impatience);
  const removed = await removeSession(store, id, { backend, now: flags.now, signal });
  clearTimeout(waiting);
  if (!removed.complete) {
    await tell(`${id} is hidden, and not all of it is removed. To go on: ${typed(["rm", id], flags)}`);
    signal.throwIfAborted();
  }
  const { objects, bytes } = removed;
  const said = `removed ${id}: ${countOf(objects, "object")}, ${sizeOf(bytes)}`;
  await printResult(flags, { session: id, ...removed }, said);
  return 0;
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
