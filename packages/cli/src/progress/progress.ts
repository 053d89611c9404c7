import type { AttachedSession, SessionStatus } from "@skyburst/core";
import { watch } from "../output/stream-output.ts";
import type { Tally } from "../output/tally.ts";
import type { Warning } from "../output/warning.ts";
import { bar } from "./bar.ts";
import { describe } from "./figures.ts";
import type { Figures } from "./figures.ts";
import { Pace } from "./pace.ts";
import { Waiting } from "./waiting.ts";

export interface ProgressOptions {
  readonly session: Pick<AttachedSession, "status">;
  readonly tally: Tally;
  readonly total: () => number | undefined;
  /** Only the warning is told. */
  readonly quiet: boolean;
  readonly warning: Warning;
  /** The session was there before: what was done by then tells nothing of how fast it goes. */
  readonly joined?: boolean;
}

export interface Progress {
  /** Makes room on the terminal for a line of output. */
  clear(): void;
  stop(): void;
}

/** Between two looks at the store on a terminal, between two lines elsewhere, and between two looks of who is quiet; milliseconds. */
const intervals = { terminal: 250, lines: 5000, quiet: 30_000 } as const;

/** Shows on stderr how the job goes: a live bar on a terminal, else a line now and then, which short jobs never come to. */
export function startProgress(options: ProgressOptions): Progress {
  const { session, quiet, warning } = options;
  watch(process.stderr);
  const terminal = process.stderr.isTTY && !quiet ? bar(process.stderr) : undefined;
  const interval = intervals[quiet ? "quiet" : terminal ? "terminal" : "lines"];
  const figuresOf = reckoner(options);
  let stopped = false;
  let timer: NodeJS.Timeout;
  const next = async () => {
    const started = performance.now();
    const status = await session.status();
    if (stopped) return;
    await warning.hear(status, () => terminal?.clear());
    // Nobody is to be warned: what nobody sees needs no looks.
    if (quiet && status.warnAt === undefined) return;
    if (terminal) terminal.show(figuresOf(status));
    else if (!quiet) process.stderr.write(`skyburst: ${describe(figuresOf(status))}\n`);
    // Looks at a big session take a while: never more than a twentieth of the time.
    schedule(Math.max(interval, (performance.now() - started) * 20));
  };
  // A look that fails is followed by the next: what it could not reach, the job itself reports.
  const schedule = (wait: number) => {
    timer = setTimeout(() => void next().catch(() => schedule(intervals.lines)), wait).unref();
  };
  schedule(interval);
  return {
    clear: () => terminal?.clear(),
    stop() {
      stopped = true;
      clearTimeout(timer);
      terminal?.clear();
    },
  };
}

function reckoner({ tally, total, joined }: ProgressOptions): (status: SessionStatus) => Figures {
  const pace = new Pace();
  const waiting = new Waiting();
  if (!joined) pace.add(performance.now(), 0);
  return (status) => {
    // What is collected in order may be far behind what is done.
    const done = Math.max(tally.done, status.succeeded + status.failed + status.cancelled);
    pace.add(performance.now(), done);
    const all = total();
    return {
      done,
      total: all,
      failed: Math.max(tally.failed, status.failed),
      workers: status.workers,
      rate: pace.rate,
      eta: all === undefined ? undefined : pace.eta(all),
      cost: (status.cost?.total?.amount ?? 0) > 0 ? status.cost?.total : undefined,
      waiting: waiting.look(status, performance.now()),
    };
  };
}
