import type { AttachedSession } from "@skyburst/core";
import { watch } from "../output/stream-output.ts";
import type { Tally } from "../output/tally.ts";
import { bar } from "./bar.ts";
import { describe } from "./figures.ts";
import type { Figures } from "./figures.ts";
import { Pace } from "./pace.ts";

export interface ProgressOptions {
  readonly session: Pick<AttachedSession, "status">;
  readonly tally: Tally;
  readonly total: () => number | undefined;
  readonly quiet: boolean;
  /** The session was there before: what was done by then tells nothing of how fast it goes. */
  readonly joined?: boolean;
}

export interface Progress {
  /** Makes room on the terminal for a line of output. */
  clear(): void;
  stop(): void;
}

/** Between two looks at the store on a terminal, and between two lines elsewhere, in milliseconds. */
const intervals = { terminal: 250, lines: 5000 } as const;

/** Shows on stderr how the job goes: a live bar on a terminal, else a line now and then, which short jobs never come to. */
export function startProgress(options: ProgressOptions): Progress {
  if (options.quiet) return { clear: nothing, stop: nothing };
  watch(process.stderr);
  const terminal = process.stderr.isTTY ? bar(process.stderr) : undefined;
  const look = looker(options);
  let stopped = false;
  let timer: NodeJS.Timeout;
  const next = async () => {
    const started = performance.now();
    const figures = await look();
    if (stopped) return;
    if (terminal) terminal.show(figures);
    else process.stderr.write(`skyburst: ${describe(figures)}\n`);
    // Looks at a big session take a while: never more than a twentieth of the time.
    schedule(Math.max(terminal ? intervals.terminal : intervals.lines, (performance.now() - started) * 20));
  };
  // A look that fails is followed by the next: what it could not reach, the job itself reports.
  const schedule = (wait: number) => {
    timer = setTimeout(() => void next().catch(() => schedule(intervals.lines)), wait).unref();
  };
  schedule(terminal ? intervals.terminal : intervals.lines);
  return {
    clear: () => terminal?.clear(),
    stop() {
      stopped = true;
      clearTimeout(timer);
      terminal?.clear();
    },
  };
}

function looker({ session, tally, total, joined }: ProgressOptions): () => Promise<Figures> {
  const pace = new Pace();
  if (!joined) pace.add(performance.now(), 0);
  return async () => {
    const status = await session.status();
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
    };
  };
}

function nothing(): void {
  // Nobody wants to see it.
}
