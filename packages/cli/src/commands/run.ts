import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { attachSession } from "@skyburst/core";
import type { Blame, OutcomeLines, Session, StateStore, TaskSource } from "@skyburst/core";
import { sessionKeys } from "@skyburst/core/protocol";
import type { OutcomeLine } from "@skyburst/core/protocol";
import { directoryOf } from "../directory-of.ts";
import { environmentOf } from "../environment.ts";
import { CliError } from "../errors.ts";
import type { EventsFlags } from "../events/events-option.ts";
import { EventRecord } from "../events/record-events.ts";
import { job } from "../job.ts";
import { printLogs } from "../output/print-logs.ts";
import { tellCost } from "../output/tell-cost.ts";
import { Warning } from "../output/warning.ts";
import { writeTo } from "../output/stream-output.ts";
import { tellWaiting } from "../progress/tell-waiting.ts";
import { composeStack } from "../stack.ts";
import type { JobFlags } from "../stack.ts";

export interface RunFlags extends JobFlags, EventsFlags {
  readonly stdin?: string;
  readonly cwd?: string;
  readonly env?: readonly string[];
}

/** One command on a worker, its output as it comes; ends with the command's exit code. */
export async function run(argv: readonly string[], flags: RunFlags): Promise<number> {
  const stack = await composeStack({ slots: 1, ...flags });
  const stdin = flags.stdin === undefined ? undefined : await readInput(flags.stdin);
  const { retries, memoryOnOom, timeout, store, backend } = stack;
  const cwd = directoryOf(backend, flags.cwd);
  const record = new EventRecord(store, flags.events);
  const work = async (session: Session, signal: AbortSignal) => {
    record.begin(session.id);
    const source: TaskSource = {
      kind: "command",
      name: argv[0] ?? "",
      argv,
      substitute: false,
      ...(cwd === undefined ? {} : { cwd }),
      env: environmentOf(flags.env, stack.secrets),
      ...(stdin === undefined ? {} : { stdin: await storeInput(store, session, stdin) }),
    };
    const stop = new AbortController();
    const feed = { segments: oneInput(), gather: Number.POSITIVE_INFINITY, count: 1 };
    const lines = session.lines(source, feed, {
      ordered: true,
      retries,
      memoryOnOom,
      timeout,
      logLimit: flags.logLimit,
      signal: AbortSignal.any([signal, stop.signal]),
    });
    const told = flags.quiet === true ? undefined : tellWaiting(session);
    const line = await withOutput(store, session, lastLine(lines), stop).finally(told);
    if (flags.json) await writeTo(process.stdout, line);
    const outcome = JSON.parse(Buffer.from(line).toString()) as OutcomeLine;
    const exitCode = exitCodeOf(outcome);
    if (outcome.status === "failed" && isUnexplained(exitCode, outcome.blame))
      await writeTo(process.stderr, `skyburst: ${messageOf(outcome)}\n`);
    return exitCode;
  };
  // What goes to stderr is the command's: who asked for a warning hears that, and nobody of costs.
  const warn = async (session: Session) => {
    await tellCost(session, { look: stack, quiet: true, warning: new Warning(), spec: stack.spec });
  };
  const running = job({ ...stack, workers: 1 }, flags, work, stack.warnAt === undefined ? undefined : warn);
  return running.finally(() => record.end());
}

/** Prints what the command writes while it runs, and all of it before this resolves. Who can't print it stops the command. */
async function withOutput(
  store: StateStore,
  session: Session,
  ending: Promise<Uint8Array>,
  stop: AbortController,
): Promise<Uint8Array> {
  const ended = new AbortController();
  // Who can't come to the session at all has to hear of its end as well, or that would be nobody's failure.
  const reading = attachSession(store, session.id).then((attached) => attached.logs());
  const printing = reading
    .then((logs) => printLogs(logs.follow({ signal: ended.signal })))
    .catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
  const [end, printed] = await Promise.allSettled([ending.finally(() => ended.abort()), printing]);
  if (end.status === "rejected") throw end.reason;
  if (printed.status === "rejected") throw printed.reason;
  await printLogs((await reading).read());
  return end.value;
}

async function* oneInput() {
  yield { count: 1, rich: [], lines: Buffer.from("null\n") };
}

async function lastLine(parts: AsyncIterable<OutcomeLines>): Promise<Uint8Array> {
  let last: Uint8Array | undefined;
  // Copied: the memory is used again for what comes next.
  for await (const { lines } of parts) last = lines.slice();
  if (!last) throw new Error("The command ended without an outcome.");
  return last;
}

async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path === "-" ? "/dev/stdin" : path);
  } catch (cause) {
    throw new CliError(
      "usage",
      `--stdin ${path} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

async function storeInput(store: StateStore, session: Session, bytes: Uint8Array): Promise<string> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await store.create(sessionKeys(session.id).inputBlob(sha256), bytes);
  return sha256;
}

/** Nobody else has said why: a command that the kernel killed for memory can't, and its exit code is that of any kill. */
function isUnexplained(exitCode: number, blame: Blame): boolean {
  return exitCode === nothingRan || blame === "oom" || blame === "infrastructure";
}

const timedOut = 124;
const nothingRan = 125;

function messageOf({ error }: Extract<OutcomeLine, { status: "failed" }>): string {
  const { message } = error as { readonly message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(error);
}

/** As a shell and timeout(1) tell it. */
function exitCodeOf(outcome: OutcomeLine): number {
  if (outcome.status === "succeeded") return 0;
  if (outcome.status === "cancelled") return 130;
  if (outcome.blame === "timeout") return timedOut;
  const { code, signal } = outcome.error as { readonly code?: unknown; readonly signal?: unknown };
  if (typeof code === "number") return code;
  if (typeof signal === "string" && signal in constants.signals)
    return 128 + constants.signals[signal as NodeJS.Signals];
  return nothingRan;
}
