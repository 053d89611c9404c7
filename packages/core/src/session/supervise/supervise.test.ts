import { attachSession } from "@skyburst/core";
import type { AttachedSession } from "@skyburst/core";
import { keepSupervised } from "../daemon/keep-supervised.ts";
import { CliError } from "../errors.ts";
import { interruption } from "../interrupt.ts";
import { printOutcomes } from "../output/print-outcomes.ts";
import { Tally } from "../output/tally.ts";
import { tell } from "../output/tell.ts";
import { howToGoOn } from "../paused.ts";
import { startProgress } from "../progress/progress.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags, Stack } from "../stack.ts";
import { typed } from "../typed.ts";

export interface AttachFlags extends FleetFlags {
  readonly quiet?: boolean;
}

/** Shows a session until it ends: how it goes on stderr, outcomes on stdout. It runs on when nobody looks any more. */
export async function attach(called: string, flags: AttachFlags): Promise<number> {
  const stack = await composeStack(flags);
  const session = await attachSession(stack.store, called);
  return keepSupervised(session, stack, flags, interruption(), (signal) => show(session, stack, flags, signal));
}

async function show(session: AttachedSession, stack: Stack, flags: AttachFlags, signal: AbortSignal): Promise<number> {
  const tally = new Tally();
  const total = () => {
    const { tasks, open } = session.expected();
    return open ? undefined : tasks;
  };
  const progress = startProgress({ session, tally, total, quiet: flags.quiet === true, joined: true });
  signal.addEventListener("abort", () => progress.stop(), { once: true });
  try {
    for await (const lines of session.outcomeLines({ wait: true, signal })) {
      tally.add(lines);
      if (process.stdout.isTTY) progress.clear();
      await printOutcomes(stack.store, lines);
    }
  } catch (error) {
    progress.stop();
    if (error instanceof CliError && error.code === "interrupted") throw detached(error, session.id, flags);
    throw await howToGoOn(error, session, flags);
  } finally {
    progress.stop();
  }
  const summary = tally.summary("tasks", flags);
  if (summary !== undefined && !flags.quiet) await tell(summary);
  return tally.exitCode;
}

function detached({ exitCode }: CliError, id: string, flags: AttachFlags): CliError {
  return new CliError("interrupted", `${id} goes on without you. To come back: ${typed(["attach", id], flags)}`, {
    exitCode,
  });
}
