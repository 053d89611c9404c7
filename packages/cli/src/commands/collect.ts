import { attachSession, SkyburstError } from "@skyburst/core";
import type { AttachedSession, OutcomeLines, Reading, StateStore } from "@skyburst/core";
import { keepSupervised } from "../daemon/keep-supervised.ts";
import { CliError } from "../errors.ts";
import { interruption } from "../interrupt.ts";
import { attachTo } from "../look.ts";
import { printOutcomes } from "../output/print-outcomes.ts";
import { Tally } from "../output/tally.ts";
import { tell } from "../output/tell.ts";
import { Warning } from "../output/warning.ts";
import { howToGoOn } from "../paused.ts";
import { startProgress } from "../progress/progress.ts";
import { composeStack, composeStore } from "../stack.ts";
import type { FleetFlags } from "../stack.ts";
import { typed } from "../typed.ts";

export interface CollectFlags extends FleetFlags {
  readonly wait?: boolean;
  readonly failed?: boolean;
  readonly since?: string;
}

const notFinished = 4;

/** The outcomes of a session in input order: those that are there, or all of them as they come. */
export async function collect(called: string, flags: CollectFlags): Promise<number> {
  if (!flags.wait) {
    const store = await composeStore(flags);
    return print(store, await attachSession(store, called), flags);
  }
  const stack = await composeStack(flags);
  const session = await attachTo(stack, called);
  const { store } = stack;
  return keepSupervised(session, stack, flags, interruption(), (signal) => print(store, session, flags, signal));
}

async function print(
  store: StateStore,
  session: AttachedSession,
  flags: CollectFlags,
  signal?: AbortSignal,
): Promise<number> {
  const { wait, failed, since } = flags;
  const reading = session.outcomeLines({ wait, failed, from: since, signal });
  const tally = new Tally();
  const warning = new Warning();
  const watch = wait ? startProgress({ session, tally, total: () => undefined, quiet: true, warning }) : undefined;
  try {
    for await (const lines of reading) {
      await printOutcomes(store, lines);
      tally.add(lines);
    }
  } catch (error) {
    throw await stopped(error, session, goOn(session, reading, flags), flags, warning);
  } finally {
    watch?.stop();
  }
  if (reading.complete) return tally.exitCode;
  await tell(`${gap(session, reading)} ${goOn(session, reading, flags)}`);
  return notFinished;
}

/** Whoever stops is told the cursor, unless nobody reads any more. */
async function stopped(
  error: unknown,
  session: AttachedSession,
  how: string,
  flags: CollectFlags,
  warning: Warning,
): Promise<unknown> {
  if (!(error instanceof CliError)) {
    // What could not even begin has no place to go on from.
    const began = !(error instanceof SkyburstError && error.code === "option");
    if (began) await tell(how);
    return howToGoOn(error, session, flags, warning);
  }
  return error.code === "interrupted"
    ? new CliError("interrupted", `interrupted. ${how}`, { exitCode: error.exitCode })
    : error;
}

function gap(session: AttachedSession, { next }: Reading<OutcomeLines>): string {
  const { tasks } = session.expected();
  return next < tasks
    ? `task ${next} of ${tasks} has no outcome yet: ${session.id} is not finished.`
    : `all ${tasks} outcomes are there, and more inputs may come: ${session.id} is not finished.`;
}

function goOn({ id }: AttachedSession, { cursor }: Reading<OutcomeLines>, flags: CollectFlags): string {
  const { wait, failed } = flags;
  const words = ["collect", id, ...(wait ? ["--wait"] : []), ...(failed ? ["--failed"] : []), "--since", cursor];
  return `To go on: ${typed(words, flags)}`;
}
