import { blobParts, INLINE_LIMIT, inlineSize, inputLine, SerializeError } from "../../serializer/index.ts";
import type { Serializer } from "../../serializer/index.ts";
import { isFullSegment } from "../../protocol/segment.ts";
import type { Segment } from "../../protocol/segment.ts";
import { SkyburstError } from "../../errors.ts";

/** Stores a large input and tells the line that stands for it. */
export type StoreInput = (parts: readonly Uint8Array[]) => Promise<string>;

/** Gathers inputs into segments. */
export class Segmenter {
  readonly #serializer: Serializer;
  readonly #store: StoreInput;
  #lines: string[] = [];
  #rich: number[] = [];
  #bytes = 0;
  #index = 0;
  /** Segments before this one. */
  #ordinal = 0;

  constructor(serializer: Serializer, store: StoreInput) {
    this.#serializer = serializer;
    this.#store = store;
  }

  get count(): number {
    return this.#lines.length;
  }

  /** No further input should be added before `take`. */
  get full(): boolean {
    return isFullSegment(this.#ordinal, this.#lines.length, this.#bytes);
  }

  /** A promise only for an input that goes to a blob. @throws {SkyburstError} `input` when the value can't be sent. */
  add(value: unknown): Promise<void> | undefined {
    const encoded = this.#encode(value, this.#index++);
    const size = inlineSize(encoded);
    if (size > INLINE_LIMIT) return this.#store(blobParts(encoded)).then((line) => this.#push(line, true, line.length));
    const { line, rich } = inputLine(encoded);
    this.#push(line, rich, size);
    return undefined;
  }

  take(): Segment {
    const segment = {
      count: this.#lines.length,
      rich: this.#rich,
      lines: encoder.encode(`${this.#lines.join("\n")}\n`),
    };
    this.#lines = [];
    this.#rich = [];
    this.#bytes = 0;
    this.#ordinal++;
    return segment;
  }

  #encode(value: unknown, index: number) {
    try {
      return this.#serializer.encode(value);
    } catch (error) {
      if (error instanceof SerializeError)
        throw new SkyburstError("input", `Input ${index} can't be sent to a worker. ${error.message}`, {
          cause: error,
        });
      throw error;
    }
  }

  #push(line: string, rich: boolean, size: number): void {
    if (rich) this.#rich.push(this.#lines.length);
    this.#lines.push(line);
    this.#bytes += size;
  }
}

const encoder = new TextEncoder();
