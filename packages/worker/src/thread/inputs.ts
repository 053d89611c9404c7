import { isAscii } from "node:buffer";
import { decodeBlob, decodeInline, sharedReferences } from "@skyburst/core/serializer";
import { serializer } from "./serializer.ts";
import type { SharedValues } from "./shared-values.ts";
import type { Slice } from "./slice.ts";

/** Lines of a slice, in order. Decoded in one go: a line of ASCII is then a view on one string. */
export class InputLines {
  readonly #text: string;
  /** The same as bytes, where each is one unit of the text. */
  readonly #bytes: Uint8Array | undefined;
  #at = 0;

  constructor({ inputs }: Pick<Slice, "inputs">) {
    const bytes = Buffer.from(inputs.buffer, inputs.byteOffset, inputs.byteLength);
    const ascii = isAscii(bytes);
    this.#text = bytes.toString(ascii ? "latin1" : "utf8");
    this.#bytes = ascii ? inputs : undefined;
  }

  /** The next line. */
  next(): string {
    const start = this.#at;
    const end = this.#text.indexOf("\n", start);
    this.#at = end < 0 ? this.#text.length : end + 1;
    return this.#text.slice(start, end < 0 ? undefined : end);
  }

  /** The value of the next line, which is plain JSON. @throws {SyntaxError} when it is not JSON. */
  value(): unknown {
    return this.#wholeNumber() ?? JSON.parse(this.next());
  }

  /** Seeds and numbers of things are what most maps are over; they need no string to be made. */
  #wholeNumber(): number | undefined {
    const bytes = this.#bytes;
    if (bytes === undefined) return undefined;
    let value = 0;
    for (let at = this.#at; at < this.#at + mostDigits; at++) {
      const byte = bytes[at]!;
      if (byte >= zero && byte <= nine) {
        value = value * 10 + byte - zero;
        continue;
      }
      const whole = byte === newline && (at === this.#at + 1 || (at > this.#at && bytes[this.#at] !== zero));
      if (!whole) return undefined;
      this.#at = at + 1;
      return value;
    }
    return undefined;
  }
}

/** A whole number with fewer digits than this is exact. */
const mostDigits = 16;
const zero = 48;
const nine = 57;

/** The value of a line that is not plain JSON. Shared values stand where their handles were. */
export async function richInput(line: string, slice: Slice, values: SharedValues): Promise<unknown> {
  const members: RichLine = JSON.parse(line);
  if (members.blob === undefined) return decodeInline(members, serializer, await sharedIn(members, values));
  const blob = slice.blobs?.get(members.blob);
  if (blob === undefined) throw new Error(`The input is the blob ${members.blob}, which was not handed to the thread.`);
  return decodeBlob(blob, serializer, await sharedIn(headerOf(blob), values));
}

type InlineValue = Parameters<typeof decodeInline>[0];
type RichLine = InlineValue & { readonly blob?: string };

function headerOf(blob: Uint8Array): InlineValue {
  return JSON.parse(new TextDecoder().decode(blob.subarray(0, blob.indexOf(newline))));
}

const newline = 10;

async function sharedIn({ meta }: InlineValue, values: SharedValues): Promise<SharedOption | undefined> {
  const names = sharedReferences(meta);
  if (names.length === 0) return undefined;
  const found = new Map<string, unknown>();
  for (const sha256 of names) found.set(sha256, await values.get({ sha256 }));
  return { shared: (sha256) => found.get(sha256) };
}

interface SharedOption {
  readonly shared: (sha256: string) => unknown;
}
