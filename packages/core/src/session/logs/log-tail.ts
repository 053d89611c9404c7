import { logPiece } from "./chunk-logs.ts";
import type { LogPiece } from "./chunk-logs.ts";
import { frameBytes } from "./log-frames.ts";
import type { LogChannel, LogFrame } from "./log-frames.ts";

/**
 * The last lines of each task, out of what there is of it: task by task, in the order of `pieces`. They are read from the end,
 * object by object, and what stands before the first of these lines is not read.
 */
export async function* lastLines(pieces: readonly LogPiece[], lines: number): AsyncGenerator<LogPiece> {
  for (let end = 0, start = 0; start < pieces.length; start = end) {
    while (pieces[end]?.task === pieces[start]?.task && end < pieces.length) end++;
    yield* await tailOf(pieces.slice(start, end), lines);
  }
}

async function tailOf(pieces: readonly LogPiece[], lines: number): Promise<LogPiece[]> {
  const tail = new Tail(lines);
  const kept: LogPiece[] = [];
  for (const piece of pieces.toReversed()) {
    if (tail.complete) break;
    const frames = (await piece.frames()).reverse().flatMap((frame) => tail.keep(frame) ?? []);
    if (frames.length === 0 && !piece.ends) continue;
    const bytes = frameBytes(frames.reverse());
    kept.unshift(logPiece({ ...piece, size: bytes.length }, () => Promise.resolve(bytes)));
  }
  return kept;
}

/**
 * Counts lines backwards. A line belongs to the channel that it was written to, and stands where it ends; one that has no end yet
 * counts as well.
 */
class Tail {
  #left: number;
  /** Channels of which a line is being kept, whose beginning was not seen yet; and those of which nothing more is kept. */
  readonly #open = new Set<LogChannel>();
  readonly #closed = new Set<LogChannel>();

  constructor(lines: number) {
    this.#left = lines;
  }

  /** Nothing before belongs to the last lines. */
  get complete(): boolean {
    return this.#left === 0 && this.#open.size === 0;
  }

  /** What belongs to the last lines of a frame; the frames come from the last one to the first. */
  keep({ channel, bytes }: LogFrame): LogFrame | undefined {
    if (this.#closed.has(channel) || bytes.length === 0) return undefined;
    // Without a newline at its end, what is last in a channel is a line that goes on.
    if (!this.#open.has(channel) && bytes.at(-1) !== newline && !this.#take(channel)) return undefined;
    let start = bytes.length;
    for (;;) {
      const end = start === 0 ? -1 : bytes.lastIndexOf(newline, start - 1);
      if (end < 0) return { channel, bytes };
      if (!this.#take(channel)) return from(channel, bytes, end + 1);
      start = end;
    }
  }

  /** Whether another line of this channel is among the last. */
  #take(channel: LogChannel): boolean {
    if (this.#left === 0) {
      this.#open.delete(channel);
      this.#closed.add(channel);
      return false;
    }
    this.#left--;
    this.#open.add(channel);
    return true;
  }
}

function from(channel: LogChannel, bytes: Uint8Array, start: number): LogFrame | undefined {
  return start === bytes.length ? undefined : { channel, bytes: bytes.subarray(start) };
}

const newline = 10;
