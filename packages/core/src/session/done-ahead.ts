import type { Chunk } from "../protocol/chunk.ts";
import type { Facts } from "../protocol/facts.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import { listChunks } from "../protocol/list-chunks.ts";
import type { Runtime } from "../runtime.ts";
import { ReadAhead } from "./read-ahead.ts";

/** Chunks in a row that were done when they were asked for: behind them there are likely more. */
const worthListing = 2;

/**
 * Reads the commits of chunks ahead that come one after the other, where the store takes its time: one listing tells which of them
 * are there, and several are read at a time.
 */
export class DoneAhead {
  readonly reads: ReadAhead;
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  #inRow = 0;
  /** Name of the last chunk that was planned. */
  #planned = "";

  constructor(facts: Facts, keys: SessionKeys, runtime: Pick<Runtime, "monotonic">) {
    this.reads = new ReadAhead(facts, runtime);
    this.#facts = facts;
    this.#keys = keys;
  }

  /** A chunk had to be waited for. */
  waited(): void {
    this.#inRow = 0;
  }

  /** All of the chunk was read. */
  async passed(chunk: Chunk): Promise<void> {
    const name = this.#keys.chunk(chunk);
    if (++this.#inRow < worthListing || !this.reads.slow || name < this.#planned) return;
    this.#inRow = 0;
    this.reads.plan(await this.#there(`${name}~`));
  }

  /** Keys of commits behind this place, as far as one page tells, in the order in which they are read. */
  async #there(after: string): Promise<string[]> {
    const { dones, parts } = this.#keys;
    const chunks = new Map<string, string[]>();
    const width = after.length - 1;
    for await (const page of this.#facts.list(dones, { after: dones + after })) {
      for (const { key } of page.entries) at(chunks, key.slice(dones.length, dones.length + width)).push(key);
      break;
    }
    for await (const { key } of listChunks(
      this.#facts,
      parts,
      [...chunks.keys()].map((name) => ({ name })),
    ))
      chunks.get(key.slice(parts.length, parts.length + width))?.push(key);
    this.#planned = [...chunks.keys()].at(-1) ?? this.#planned;
    return [...chunks.values()].flatMap((keys) => keys.sort(byTurn));
  }
}

function at(chunks: Map<string, string[]>, name: string): string[] {
  const known = chunks.get(name) ?? [];
  chunks.set(name, known);
  return known;
}

/** A turn's `done` is read first: it tells which parts there are. */
function byTurn(a: string, b: string): number {
  return turnOf(a) - turnOf(b) || Number(a.includes("/part/")) - Number(b.includes("/part/")) || (a < b ? -1 : 1);
}

/** `done/<s>.<i>.<t>`, `part/<s>.<i>/<t>.…`: four digits either way. */
function turnOf(key: string): number {
  const found = /\/done\/\d+\.\d+\.(\d+)$|\/part\/\d+\.\d+\/(\d+)\./.exec(key);
  return Number(found?.[1] ?? found?.[2]);
}
