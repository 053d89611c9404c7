import type { OutcomeLines, StateStore } from "@skyburst/core";
import { ChunkLogs, facts as factsOf, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import type { Facts, LogPiece, OutcomeLine, SessionKeys } from "@skyburst/core/protocol";
import { printLogs } from "./print-logs.ts";

interface Open {
  readonly logs: ChunkLogs;
  /** What is read of tasks that were not shown yet, by index. */
  readonly pieces: Map<number, LogPiece[]>;
  shown: number;
}

/** Shows what each command wrote in its last attempt, when its outcome comes: one command after the other. */
export class GroupedOutput {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #chunks = new Map<number, Open>();

  constructor(store: StateStore, session: string) {
    this.#facts = factsOf(store, systemRuntime);
    this.#keys = sessionKeys(session);
  }

  async print({ lines, chunk, count }: OutcomeLines): Promise<void> {
    const open = this.#chunks.get(chunk.number) ?? {
      logs: new ChunkLogs(this.#facts, this.#keys, chunk),
      pieces: new Map<number, LogPiece[]>(),
      shown: 0,
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
    open.shown += count;
    if (open.shown === chunk.count) this.#chunks.delete(chunk.number);
  }
}

function outcomesOf(lines: Uint8Array): OutcomeLine[] {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.length).toString();
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as OutcomeLine]));
}
