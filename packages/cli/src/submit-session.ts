import { open as openSession } from "@skyburst/core";
import type { Session, TaskSource } from "@skyburst/core";
import { superviseInBackground } from "./daemon/background.ts";
import { begun } from "./daemon/wait-for-supervisor.ts";
import { CliError } from "./errors.ts";
import { inputFeed } from "./inputs/input-feed.ts";
import type { InputSource } from "./inputs/input-format.ts";
import { interruption } from "./interrupt.ts";
import { writeTo } from "./output/stream-output.ts";
import { readSecrets } from "./secrets.ts";
import { sessionLimits } from "./session-limits.ts";
import { sessionOfSubmission } from "./session-of-submission.ts";
import type { JobFlags, Stack } from "./stack.ts";
import { typed } from "./typed.ts";

export interface SubmitSessionOptions {
  readonly stack: Stack;
  readonly flags: JobFlags;
  readonly source: TaskSource;
  readonly input: InputSource;
  readonly types: boolean;
  /** More may be added, until somebody ends it. */
  readonly open: boolean;
  /** Names the submission: to submit it again changes nothing. */
  readonly id?: string | undefined;
}

/** Stores a job and leaves it to a supervisor in the background, which boots workers meanwhile. Its id is the output. */
export async function submitSession(options: SubmitSessionOptions): Promise<number> {
  const { stack, flags, source, input, types, open, id } = options;
  const { retries, memoryOnOom, timeout, store } = stack;
  const { estimate, logLimit } = flags;
  const signal = interruption();
  const session = await sessionFor(options);
  try {
    const background = await submitWhole(session, flags, id, async () =>
      superviseInBackground(session.id, flags, readSecrets(stack.secrets)),
    );
    const { feed } = inputFeed(input, types, store, session.id, id !== undefined);
    const task = { retries, memoryOnOom, timeout, estimate, logLimit };
    const submitted = await submitWhole(session, flags, id, () =>
      session.submitLines(source, feed, { ...task, id, open, signal }),
    );
    const { name } = flags;
    const said = flags.json ? JSON.stringify({ session: session.id, name, ...submitted, open }) : session.id;
    await writeTo(process.stdout, `${said}\n`);
    await begun(store, background);
    return 0;
  } finally {
    await session.detach();
  }
}

/** What was not submitted whole is nobody's job, unless it can be submitted again: its workers must not wait for the rest. */
async function submitWhole<T>(
  session: Session,
  flags: JobFlags,
  id: string | undefined,
  submit: () => Promise<T>,
): Promise<T> {
  try {
    return await submit();
  } catch (error) {
    if (id === undefined) await session.cancel({ because: "it could not be submitted" });
    if (!(error instanceof CliError && error.code === "interrupted")) throw error;
    const left =
      id === undefined
        ? `${session.id} is cancelled. To read what is there: ${typed(["collect", session.id], flags)}`
        : `${session.id} waits for the rest: submit it again with --id ${id}.`;
    throw new CliError("interrupted", `interrupted: ${left}`, { exitCode: error.exitCode });
  }
}

/** A new one, unless the submission was begun before. */
async function sessionFor({ stack, flags, open, id }: SubmitSessionOptions): Promise<Session> {
  const { backend, store, costs, workers, spec } = stack;
  const parts = { backend, store, costs, workers, spec, secrets: readSecrets(stack.secrets), supervise: false };
  const name = flags.name ?? id;
  const before = id === undefined || name === undefined ? undefined : await sessionOfSubmission(store, name, id);
  if (before !== undefined) return openSession({ ...parts, session: before });
  // Nothing more will come for workers to wait for, unless it may be added.
  const linger = open ? undefined : 0;
  return openSession({ ...parts, name, linger, ...(await sessionLimits(stack)) });
}
