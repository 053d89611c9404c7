import type { OutcomeLines, Session, TaskSource } from "@skyburst/core";
import { CliError } from "../errors.ts";
import type { EventsFlags } from "../events/events-option.ts";
import { optimizeLater } from "@skyburst/core/protocol";
import { EventRecord } from "../events/record-events.ts";
import { inputFeed } from "../inputs/input-feed.ts";
import type { InputSource } from "../inputs/input-format.ts";
import { job } from "../job.ts";
import { Tally } from "../output/tally.ts";
import { tell } from "../output/tell.ts";
import { tellCost } from "../output/tell-cost.ts";
import { Warning } from "../output/warning.ts";
import { startProgress } from "../progress/progress.ts";
import type { JobFlags, Stack } from "../stack.ts";
import { howToGoOn } from "../paused.ts";
import { typed } from "../typed.ts";

export interface StreamOptions {
  readonly stack: Stack;
  readonly flags: JobFlags & EventsFlags;
  readonly source: TaskSource;
  readonly input: InputSource;
  /** CSV only: numbers, booleans and null instead of text that looks so. */
  readonly types: boolean;
  readonly ordered: boolean;
  /** What a summary calls the tasks. */
  readonly what: string;
  /** How outcomes are shown. */
  readonly print: (session: Session) => (lines: OutcomeLines) => Promise<void>;
}

/** Runs a task over inputs and shows each outcome as it comes; says on stderr how it goes and what it came to. */
export async function stream(options: StreamOptions): Promise<number> {
  const { stack, flags } = options;
  const quiet = flags.quiet === true;
  const warning = new Warning();
  const record = new EventRecord(stack.store, flags.events);
  const work = (session: Session, signal: AbortSignal) => {
    record.begin(session.id);
    return show(session, options, warning, signal);
  };
  // Who wants to hear neither of costs nor of warnings waits for no look at them.
  const silent = quiet && stack.warnAt === undefined;
  const afterwards = (session: Session) => tellCost(session, { look: stack, quiet, warning, spec: stack.spec });
  try {
    return await job(stack, flags, work, silent ? undefined : afterwards);
  } finally {
    await record.end();
  }
}

async function show(
  session: Session,
  { stack, flags, source, input, types, ordered, what, print: printer }: StreamOptions,
  warning: Warning,
  signal: AbortSignal,
): Promise<number> {
  const { store, retries, memoryOnOom, timeout } = stack;
  const { estimate, logLimit } = flags;
  const quiet = flags.quiet === true;
  const tally = new Tally();
  const { feed, total } = inputFeed(input, types, store, session.id);
  const print = printer(session);
  const outcomes = session.lines(source, feed, {
    ordered,
    retries,
    memoryOnOom,
    timeout,
    estimate,
    logLimit,
    signal,
  });
  const progress = startProgress({ session, tally, total, quiet, warning });
  const stopping = () => {
    progress.stop();
    if (process.stderr.isTTY && !quiet) void tell("stopping what runs; Ctrl-C again exits at once");
  };
  signal.addEventListener("abort", stopping, { once: true });
  try {
    for await (const lines of outcomes) {
      tally.add(lines);
      if (process.stdout.isTTY) progress.clear();
      await print(lines);
      optimizeLater();
    }
  } catch (error) {
    throw isInterruption(error)
      ? interrupted(
          error,
          `after ${tally.done}${of(total())} outcomes. To read what is there: ${typed(["collect", session.id], flags)}`,
        )
      : await howToGoOn(error, session, flags, warning);
  } finally {
    progress.stop();
  }
  const summary = tally.summary(what, flags);
  if (summary !== undefined && !quiet) await tell(summary);
  return tally.exitCode;
}

function isInterruption(error: unknown): error is CliError {
  return error instanceof CliError && error.code === "interrupted";
}

function interrupted({ exitCode }: CliError, how: string): CliError {
  return new CliError("interrupted", `interrupted ${how}`, { exitCode });
}

function of(total: number | undefined): string {
  return total === undefined ? "" : ` of ${total}`;
}
