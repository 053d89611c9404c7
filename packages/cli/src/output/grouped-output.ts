import type { OutcomeLines, StateStore } from "@skyburst/core";
import { ChunkLogs, facts as factsOf, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Facts, LogPiece, OutcomeLine, SessionKeys } from "@skyburst/core/protocol";
import { printLog, printLogs } from "./print-logs.ts";

interface Open {
  readonly logs: ChunkLogs;
  /** What is read of tasks that were not shown yet, by index. */
  readonly pieces: Map<number, LogPiece[]>;
}

/** Shows what each command wrote in its last attempt, when its outcome comes: one command after the other. */
export class GroupedOutput {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #chunks = new Map<number, Open>();
  /** Outcomes that were shown of each chunk that has more. */
  readonly #counts = new Map<number, number>();

  constructor(store: StateStore, session: string) {
    this.#facts = factsOf(store, systemRuntime);
    this.#keys = sessionKeys(session);
  }

  async print(part: OutcomeLines): Promise<void> {
    const rides = ridesOf(part);
    if (!rides) return this.#printRead(part);
    for (const { index, attempts } of outcomesOf(part.lines)) {
      const bytes = rides.get(`${index - part.chunk.index}.${attempts}`);
      if (bytes) await printLog(bytes);
    }
    this.#shown(part);
  }

  /** Logs that are read from the store. */
  async #printRead(part: OutcomeLines): Promise<void> {
    const { lines, chunk } = part;
    const open = this.#chunks.get(chunk.number) ?? {
      logs: new ChunkLogs(this.#facts, this.#keys, chunk),
      pieces: new Map<number, LogPiece[]>(),
    };
    this.#chunks.set(chunk.number, open);
    for (const piece of await open.logs.read([])) {
      const known = open.pieces.get(piece.index);
      if (known) known.push(piece);
      else open.pieces.set(piece.index, [piece]);
    }
    for (const { index, attempts } of outcomesOf(lines)) {
      const pieces = open.pieces.get(index);
      open.pieces.delete(index);
      if (pieces) await printLogs(pieces.filter(({ attempt }) => attempt === attempts));
    }
    this.#shown(part);
  }

  /** Of a chunk of which all is shown, nothing has to be remembered. */
  #shown({ chunk, count }: OutcomeLines): void {
    const shown = (this.#counts.get(chunk.number) ?? 0) + count;
    if (shown < chunk.count) {
      this.#counts.set(chunk.number, shown);
      return;
    }
    this.#counts.delete(chunk.number);
    this.#chunks.delete(chunk.number);
  }
}

/**
 * The logs of these outcomes by offset and attempt, when all of them ride in the commit that the lines are those of; else undefined. It is so
 * for most, and asks the store for nothing.
 */
function ridesOf({ lines, commit: { header, lines: own, logs } }: OutcomeLines): Map<string, Uint8Array> | undefined {
  if (lines !== own) return undefined;
  const rides = new Map<string, Uint8Array>();
  let start = 0;
  for (const { offset, attempt, at, bytes } of header.logs ?? []) {
    if (at > 0) return undefined;
    rides.set(`${offset}.${attempt}`, logs.subarray(start, start + bytes));
    start += bytes;
  }
  return rides;
}

function outcomesOf(lines: Uint8Array): OutcomeLine[] {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.length).toString();
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as OutcomeLine]));
}
