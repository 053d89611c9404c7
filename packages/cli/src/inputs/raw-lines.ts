import { isUtf8 } from "node:buffer";
import { isFullSegment } from "@skyburst/core/protocol";
import { blobParts, INLINE_LIMIT, serializer } from "@skyburst/core/serializer";
import type { Segment } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";
import { endOfJsonLine } from "./json-line.ts";

/** Stores the body of a large input, and tells its hash. */
export type StoreBlob = (body: Uint8Array) => Promise<string>;

/**
 * Makes segments of lines of JSON without touching their bytes: each line is only parsed, to know that it can be. A segment's
 * lines are a part of what was read, and are copied only where a blank line or the end of a piece lies in between. A segment
 * is valid until the next is asked for, a piece until the next is added: their memory is used again.
 */
export class RawLines {
  readonly #source: string;
  readonly #storeBlob: StoreBlob;
  /** Lines of the segment to come that stand in no piece, or no longer, and how many bytes they are. */
  #gathered = Buffer.allocUnsafeSlow(65_536);
  #bytes = 0;
  #rich: number[] = [];
  #count = 0;
  /** Segments before it. */
  #ordinal = 0;
  #line = 0;

  /** @param source What messages call the inputs. */
  constructor(source: string, storeBlob: StoreBlob) {
    this.#source = source;
    this.#storeBlob = storeBlob;
  }

  /** Inputs of the segment to come. */
  get pending(): number {
    return this.#count;
  }

  /** Takes whole lines in; yields the segments that became full. @throws {CliError} naming the line that is not JSON. */
  async *add(piece: Buffer): AsyncGenerator<Segment> {
    if (!isUtf8(piece)) this.#refuseBytes(piece);
    let from = 0;
    for (let at = 0; at < piece.length;) {
      const known = endOfJsonLine(piece, at);
      const end = known > 0 ? known : piece.indexOf(newline, at) + 1;
      this.#line++;
      const blank = known === 0 && !this.#parses(piece.toString("utf8", at, end - 1));
      const large = !blank && end - at > INLINE_LIMIT;
      if (blank || large) {
        this.#take(piece.subarray(from, at));
        from = end;
      } else this.#count++;
      if (large) await this.#takeLarge(piece.subarray(at, end - 1));
      at = end;
      if (!isFullSegment(this.#ordinal, this.#count, this.#bytes + at - from)) continue;
      const lines = piece.subarray(from, at);
      from = at;
      if (this.#count > 0) yield this.#segment(this.#bytes === 0 ? lines : this.#take(lines));
    }
    this.#take(piece.subarray(from));
  }

  /** What is pending, as a segment. */
  flush(): Segment {
    return this.#segment(this.#take(empty));
  }

  #segment(lines: Uint8Array): Segment {
    const segment = { count: this.#count, rich: this.#rich, lines };
    this.#rich = [];
    this.#count = 0;
    this.#bytes = 0;
    this.#ordinal++;
    return segment;
  }

  /** Adds lines to those that are gathered, and tells them all. */
  #take(lines: Uint8Array): Uint8Array {
    const size = this.#bytes + lines.length;
    if (size > this.#gathered.length) {
      const larger = Buffer.allocUnsafeSlow(size * 2);
      this.#gathered.copy(larger, 0, 0, this.#bytes);
      this.#gathered = larger;
    }
    this.#gathered.set(lines, this.#bytes);
    this.#bytes = size;
    return this.#gathered.subarray(0, size);
  }

  /** A line in the segment stands for a large input, which is an object of its own. */
  async #takeLarge(json: Buffer): Promise<void> {
    const body = Buffer.concat(blobParts(serializer.encode(JSON.parse(json.toString()))));
    this.#rich.push(this.#count++);
    this.#take(Buffer.from(`${JSON.stringify({ blob: await this.#storeBlob(body), bytes: body.length })}\n`));
  }

  /** false: the line is blank. */
  #parses(line: string): boolean {
    try {
      JSON.parse(line);
      return true;
    } catch (cause) {
      if (line.trim() === "") return false;
      throw new CliError("usage", `${this.#source}, line ${this.#line}: this is not JSON: ${excerpt(line)}`, { cause });
    }
  }

  #refuseBytes(piece: Buffer): never {
    for (let at = 0; ;) {
      const end = piece.indexOf(newline, at) + 1;
      this.#line++;
      if (end === 0 || !isUtf8(piece.subarray(at, end)))
        throw new CliError("usage", `${this.#source}, line ${this.#line}: this is not UTF-8.`);
      at = end;
    }
  }
}

const empty = new Uint8Array();

const newline = 10;

function excerpt(line: string): string {
  return line.length > 80 ? `${line.slice(0, 77)}…` : line.trimEnd();
}
