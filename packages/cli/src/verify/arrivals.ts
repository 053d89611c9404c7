/** A line without its end, and when it was whole. */
export interface Arrival {
  readonly text: string;
  /** Milliseconds since the process was started. */
  readonly at: number;
}

/** What came through a pipe, and when. */
export class Arrivals {
  readonly #chunks: { readonly bytes: Buffer; readonly at: number }[] = [];

  add(bytes: Buffer, at: number): void {
    this.#chunks.push({ bytes, at });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks.map(({ bytes }) => bytes));
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** What is behind the last end of a line is a line, too. */
  get lines(): readonly Arrival[] {
    const lines: Arrival[] = [];
    let begun = "";
    let last = 0;
    for (const { bytes, at } of this.#chunks) {
      const parts = bytes.toString("latin1").split("\n");
      last = at;
      for (const part of parts.slice(0, -1)) {
        lines.push({ text: utf8(begun + part), at });
        begun = "";
      }
      begun += parts.at(-1) ?? "";
    }
    return begun === "" ? lines : [...lines, { text: utf8(begun), at: last }];
  }
}

/** Characters may be cut by the end of a chunk: only a whole line is text. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString();
}
