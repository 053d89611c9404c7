import { digits, hasDigits } from "./digits.ts";

/**
 * Writes outcome lines of successes as bytes, one behind the other. Lines of quick tasks differ in a few digits only, and
 * making a string of each and bytes of the string costs more than the task: so the head of the line before is counted up,
 * and short values are written byte by byte.
 */
export class LineWriter {
  readonly #into: Uint8Array;
  readonly #buffer: Buffer;
  /** `{"index":7,"task":7,"status":"succeeded","value":` of the line before. What is no number brings the last member with it. */
  #head: Uint8Array = new Uint8Array(0);
  #index = -2;
  #task = -2;
  /** Where the last digits of both numbers stand in the head. */
  #indexEnd = 0;
  #taskEnd = 0;

  constructor(into: Uint8Array) {
    this.#into = into;
    this.#buffer = Buffer.from(into.buffer, into.byteOffset, into.length);
  }

  /** Bytes that a line of this value takes at most. */
  static size(value: LineValue): number {
    return mostAround + (typeof value === "number" ? mostDigits : value.length * bytesPerUnit);
  }

  /**
   * Writes a line at `at`, where {@link LineWriter.size} bytes are free; returns where it ends. A value that is
   * no number is the members that hold it.
   */
  write(at: number, index: number, task: number, value: LineValue, attempts: number, ms: number): number {
    if (!this.#next(index, task)) this.#makeHead(index, task);
    this.#into.set(this.#head, at);
    const end = this.#value(at + this.#head.length, value);
    const tail = tailOf(attempts, ms);
    this.#into.set(tail, end);
    return end + tail.length;
  }

  #value(at: number, value: LineValue): number {
    if (typeof value === "number") return this.#number(at, value);
    const start = at - numberMember.length;
    if (typeof value === "string") return this.#text(start, value);
    this.#into.set(value, start);
    return start + value.length;
  }

  /** Counts the head up; false when it can't be. */
  #next(index: number, task: number): boolean {
    if (index !== this.#index + 1 || task !== this.#task + 1) return false;
    this.#index = index;
    this.#task = task;
    return countUp(this.#head, this.#indexEnd) && countUp(this.#head, this.#taskEnd);
  }

  #makeHead(index: number, task: number): void {
    this.#index = index;
    this.#task = task;
    const first = `{"index":${index}`;
    const second = `,"task":${task}`;
    this.#indexEnd = first.length - 1;
    this.#taskEnd = first.length + second.length - 1;
    this.#head = encoder.encode(`${first}${second},"status":"succeeded"${numberMember}`);
  }

  #number(at: number, value: number): number {
    return hasDigits(value) ? digits(this.#into, at, value) : this.#text(at, `${value}`);
  }

  #text(at: number, text: string): number {
    if (text.length > shortText) return at + this.#buffer.write(text, at);
    const into = this.#into;
    for (let n = 0; n < text.length; n++) {
      const unit = text.charCodeAt(n);
      if (unit > 127) return at + this.#buffer.write(text, at);
      into[at + n] = unit;
    }
    return at + text.length;
  }
}

/** A number, finite and not -0; or the members that hold the value, each with a comma before it, as text or UTF-8. */
export type LineValue = number | string | Uint8Array;

const encoder = new TextEncoder();
const numberMember = ',"value":';

/** What a line ends with. Quick tasks take few different times, each of which is made into bytes once. */
function tailOf(attempts: number, ms: number): Uint8Array {
  const microseconds = Math.round(ms * 1000);
  if (attempts !== 1 || microseconds >= tails.length) return makeTail(attempts, microseconds);
  return (tails[microseconds] ??= makeTail(attempts, microseconds));
}

function makeTail(attempts: number, microseconds: number): Uint8Array {
  return encoder.encode(`,"attempts":${attempts},"seconds":${secondsText(microseconds)}}\n`);
}

function secondsText(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6).replace(/\.?0+$/, "");
}

const tails: (Uint8Array | undefined)[] = Array.from({ length: 4096 });

/** Adds 1 to the decimal that ends at `end`; false when it needs another digit. */
function countUp(bytes: Uint8Array, end: number): boolean {
  for (let n = end; ; n--) {
    const digit = bytes[n]!;
    if (digit < zero || digit > nine) return false;
    if (digit < nine) {
      bytes[n] = digit + 1;
      return true;
    }
    bytes[n] = zero;
  }
}

const zero = 48;
const nine = 57;
/** Up to here a loop is quicker than the call that encodes a string. */
const shortText = 48;
/** A unit of UTF-16 takes at most this many bytes of UTF-8. */
const bytesPerUnit = 3;
const mostDigits = 40;
/** The members around the value, with numbers of 16 digits. */
const mostAround = 160;
