/** From here on a line is printed as far as it is there, in bytes. */
const longest = 65_536;

const newline = 10;

/**
 * Lines of logs that come in pieces and side by side: a line that goes on waits for its end, so that no other log's stands in the
 * middle of it.
 */
export class LineGatherer {
  readonly #begun = new Map<string, { readonly parts: Uint8Array[]; size: number }>();

  /** What can be printed now that this has come. */
  *take(log: string, bytes: Uint8Array): Generator<Uint8Array> {
    const end = bytes.lastIndexOf(newline) + 1;
    if (end > 0) {
      yield* this.end(log);
      yield bytes.subarray(0, end);
    }
    if (end === bytes.length) return;
    const begun = this.#begun.get(log) ?? { parts: [], size: 0 };
    // A copy: it may be a corner of something large.
    begun.parts.push(bytes.slice(end));
    begun.size += bytes.length - end;
    this.#begun.set(log, begun);
    if (begun.size >= longest) yield* this.end(log);
  }

  /** The line that has not ended, when nothing more comes of this log. */
  *end(log: string): Generator<Uint8Array> {
    const begun = this.#begun.get(log);
    this.#begun.delete(log);
    if (begun) yield* begun.parts;
  }

  /** Logs with a line that has not ended. */
  get open(): string[] {
    return [...this.#begun.keys()];
  }
}
