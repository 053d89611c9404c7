import type { AttachedSession } from "@skyburst/core";
import { keepSupervised } from "../daemon/keep-supervised.ts";
import { CliError } from "../errors.ts";
import type { EventsFlags } from "../events/events-option.ts";
import { EventRecord } from "../events/record-events.ts";
import { interruption } from "../interrupt.ts";
import { attachTo } from "../look.ts";
import { printOutcomes } from "../output/print-outcomes.ts";
import { Tally } from "../output/tally.ts";
import { tell } from "../output/tell.ts";
import { tellCost } from "../output/tell-cost.ts";
import { Warning } from "../output/warning.ts";
import { howToGoOn } from "../paused.ts";
import { startProgress } from "../progress/progress.ts";
import { composeStack } from "../stack.ts";
import type { FleetFlags, Stack } from "../stack.ts";
import { typed } from "../typed.ts";

export interface AttachFlags extends FleetFlags, EventsFlags {
  readonly quiet?: boolean;
}

/** Shows a session until it ends: how it goes on stderr, outcomes on stdout. It runs on when nobody looks any more. */
export async function attach(called: string, flags: AttachFlags): Promise<number> {
  const stack = await composeStack(flags);
  const session = await attachTo(stack, called);
  const record = new EventRecord(stack.store, flags.events);
  record.begin(session.id);
  try {
    const code = await keepSupervised(session, stack, flags, interruption(), (signal) =>
      show(session, stack, flags, signal),
    );
    await record.end(lastWords);
    return code;
  } finally {
    await record.end();
  }
}

/** Most time that workers of a session that is over have for what they say last, in milliseconds. */
const lastWords = 5000;

async function show(session: AttachedSession, stack: Stack, flags: AttachFlags, signal: AbortSignal): Promise<number> {
  const tally = new Tally();
  const total = () => {
    const { tasks, open } = session.expected();
    return open ? undefined : tasks;
  };
  const quiet = flags.quiet === true;
  const warning = new Warning();
  const progress = startProgress({ session, tally, total, quiet, warning, joined: true });
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
    throw await howToGoOn(error, session, flags, warning);
  } finally {
    progress.stop();
  }
  const summary = tally.summary("tasks", flags);
  if (summary !== undefined && !quiet) await tell(summary);
  await tellCost(session, { look: stack, quiet, warning });
  return tally.exitCode;
}

function detached({ exitCode }: CliError, id: string, flags: AttachFlags): CliError {
  return new CliError("interrupted", `${id} goes on without you. To come back: ${typed(["attach", id], flags)}`, {
    exitCode,
  });
}
