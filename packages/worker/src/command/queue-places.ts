import type { Entry } from "./entry.ts";
import type { Pair } from "./pair.ts";
import { isHeld, limitsOfEnded } from "./queue-end.ts";
import { isQuick, type QueueLines } from "./queue-lines.ts";
import type { QueueShell } from "./queue-shell.ts";

/** The places for commands that a shell has: pairs of pipes for their output, and room in its pipe for their lines. */
export class QueuePlaces {
  readonly #shell: QueueShell;
  readonly #lines: QueueLines;
  readonly #free: Pair[];
  /** Pairs that were asked for; the next one to be opened comes last. */
  #more: Pair[] | undefined;
  #added = 0;
  #bytes = 0;
  #closed = false;

  constructor(shell: QueueShell, lines: QueueLines) {
    this.#shell = shell;
    this.#lines = lines;
    this.#free = [...shell.pairs];
  }

  /**
   * Gives a command its place, and the line that has the shell run it there. "wait": when a place is free. "direct": this shell
   * can't run it, or not now, and nothing that it has will change that.
   *
   * @param others How many it has beside.
   * @param followed What the command writes may be heard before it ends.
   */
  take(entry: Entry, others: number, followed: boolean): { readonly line: string } | "wait" | "direct" {
    const pair = this.#free.at(-1) ?? this.#another();
    if (!pair) return "wait";
    // No files left to open: what runs will give some back, or there are none for it.
    if (!pair.opens()) return others === 0 ? "direct" : "wait";
    const line = this.#lines.of(entry.command, { shell: this.#shell, pair, followed });
    if (line === undefined) return "direct";
    if (this.#bytes > 0 && this.#bytes + line.length > MOST_BYTES) return "wait";
    this.#bytes += line.length;
    this.#free.pop();
    pair.deliver = (channel, more) => (entry.limits ??= limitsOfEnded(entry)).deliver(channel, more);
    entry.pair = pair;
    entry.bytes = line.length;
    entry.quick = isQuick(line);
    return { line };
  }

  /** A pair more than there were, if it is made by now and this process has not too many open files. */
  #another(): Pair | undefined {
    this.#more ??= this.#shell.morePairs().toReversed();
    const pair = this.#more.at(-1);
    if (!pair || added >= MOST_ADDED || !pair.opens()) return undefined;
    this.#more.pop();
    this.#free.push(pair);
    this.#added++;
    added++;
    return pair;
  }

  /** The shell has read its line. */
  read(entry: Entry): void {
    this.#bytes -= entry.bytes;
  }

  /** It has skipped it. */
  skipped({ pair }: Entry): void {
    if (pair) this.#free.push(pair);
  }

  /**
   * The command has ended. What comes from now on is of whoever was left behind, and must not get into the output of another one.
   *
   * @param freed Called when another command can have the place.
   * @param lost Called when none can.
   */
  ended(pair: Pair, isFree: boolean, { freed, lost }: { readonly freed: () => void; readonly lost: () => void }): void {
    pair.deliver = () => undefined;
    const free = () => {
      this.#free.push(pair);
      if (!this.#closed) freed();
    };
    if (isFree) return free();
    void isHeld(pair).then((held) => {
      if (!held) return free();
      if (this.#closed) return undefined;
      pair.out.discard();
      pair.err.discard();
      return lost();
    });
  }

  /** The shell gets no more commands. */
  close(): void {
    this.#closed = true;
    added -= this.#added;
    this.#added = 0;
  }
}

/** Pairs beside the first ones of all shells of this process, which needs files for other things as well. */
let added = 0;
const MOST_ADDED = 256;
/** A Linux pipe holds 64 KiB. */
const MOST_BYTES = 60_000;
