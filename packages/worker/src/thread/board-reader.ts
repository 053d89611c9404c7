import { cell } from "./board.ts";
import type { Board } from "./board.ts";
import { readRecords } from "./log-records.ts";
import type { Post } from "./messages.ts";
import { seconds } from "./seconds.ts";
import type { Finished, Slice } from "./slice.ts";

/** The slot's side of a board: takes each result and log once, from a post or, ahead of it, from the board itself. */
export class BoardReader {
  readonly #board: Board;
  /** Generation of the newest post. */
  #posted = -1;
  /** What was taken of the generation after it already, in bytes. */
  #lines = 0;
  #logs = 0;

  constructor(board: Board) {
    this.#board = board;
  }

  fromPost(post: Post, slice: Slice | undefined): Finished[] {
    const { lines, logs } = post;
    const taken = { lines: this.#lines, logs: this.#logs };
    this.#posted = post.generation;
    this.#lines = 0;
    this.#logs = 0;
    return [
      ...(logs === undefined ? [] : readRecords(logs, taken.logs, logs.length)),
      ...(lines === undefined || slice === undefined ? [] : rowsOf(lines, post.rows, taken.lines, slice)),
      ...post.finished,
    ];
  }

  /** What the thread has not posted. Right at any moment of a thread that lives, and after its end. */
  fromBoard(slice: Slice | undefined): Finished[] {
    const { cells, lines, logs } = this.#board;
    const generation = Atomics.load(cells, cell.generation);
    // A post is on its way: what lies here now is not what follows the bytes taken before.
    if (generation !== this.#posted + 1) return [];
    const lineEnd = Atomics.load(cells, cell.lines + (generation & 1));
    const logEnd = Atomics.load(cells, cell.logs + (generation & 1));
    if (lineEnd <= this.#lines && logEnd <= this.#logs) return [];
    const newLines = lines.slice(this.#lines, lineEnd);
    const newLogs = logs.slice(this.#logs, logEnd);
    // Posted while it was read: the copies may hold what came next.
    if (Atomics.load(cells, cell.generation) !== generation) return [];
    this.#lines = lineEnd;
    this.#logs = logEnd;
    return [...readRecords(newLogs, 0, newLogs.length), ...(slice === undefined ? [] : parseRows(newLines, slice))];
  }
}

type Lines = Extract<Finished, { kind: "lines" }>;

function rowsOf(lines: Uint8Array<ArrayBuffer>, rows: readonly number[], taken: number, slice: Slice): Lines[] {
  if (taken > 0) return parseRows(lines.subarray(taken), slice);
  const found: Lines[] = [];
  for (let row = 0; row < rows.length; row += 4) {
    const [start = 0, position = 0, count = 0, ms = 0, end] = rows.slice(row, row + 5);
    const bytes = lines.subarray(start, end);
    const first = row === 0 ? { memory: lines.buffer, room: lines.byteOffset } : {};
    found.push({ kind: "lines", position, count, bytes, seconds: seconds(ms), ...first });
  }
  return found;
}

/** Rows of lines without a list of them: each says its index. Rare, so it need not be quick. */
function parseRows(lines: Uint8Array, slice: Slice): Lines[] {
  const found: Lines[] = [];
  for (let start = 0, end = 0; start < lines.length; start = end) {
    end = lines.indexOf(newline, start) + 1;
    const text = Buffer.from(lines.subarray(start, end)).toString("latin1");
    const index = indexOfLine(text);
    const time = secondsOfLine(text);
    const position = slice.offsets === undefined ? index - slice.index : slice.offsets.indexOf(index - slice.index);
    const last = found.at(-1);
    if (last !== undefined && last.position + last.count === position) {
      const from = lines.subarray(start - last.bytes.length, end);
      found[found.length - 1] = { ...last, count: last.count + 1, bytes: from, seconds: last.seconds + time };
    } else {
      found.push({ kind: "lines", position, count: 1, bytes: lines.subarray(start, end), seconds: time });
    }
  }
  return found;
}

/** The index that a line begins with. */
function indexOfLine(line: string): number {
  return Number.parseInt(line.slice('{"index":'.length), 10);
}

/** The run time that a line ends with. */
function secondsOfLine(line: string): number {
  return Number(/"seconds":([\d.]+)\}\n$/.exec(line)?.[1] ?? 0);
}

const newline = 10;
