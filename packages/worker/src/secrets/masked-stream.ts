import type { Form } from "./mask.ts";

/**
 * Bytes that come in pieces, with masks in them. What may be the beginning of a value is held back until it is known whether it is.
 *
 * Where values overlap, one mask stands for all of them.
 */
export class MaskedStream {
  readonly #forms: readonly Form[];
  /** The end of what came so far, which may be the beginning of a value. */
  #held: Buffer = empty;
  /** So many bytes of it belong to a value whose mask was given out already. */
  #covered = 0;

  constructor(forms: readonly Form[]) {
    this.#forms = forms;
  }

  /** What is known of it by now. */
  next(bytes: Uint8Array): Buffer {
    const text = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    return this.#give(text, beginningIn(text, this.#forms));
  }

  /** The rest: nothing more comes. */
  end(): Buffer {
    return this.#give(this.#held, this.#held.length);
  }

  /** Gives out what stands before `limit`. */
  #give(text: Buffer, limit: number): Buffer {
    const parts: Buffer[] = [];
    let at = this.#covered;
    for (const { from, to, mask } of findIn(text, this.#forms)) {
      if (from >= limit) break;
      if (from > at) parts.push(text.subarray(at, from));
      // One that begins in another is hidden by its mask.
      if (from >= at) parts.push(mask);
      at = Math.max(at, to);
    }
    if (at < limit) parts.push(text.subarray(at, limit));
    this.#covered = Math.max(0, at - limit);
    this.#held = text.subarray(limit);
    const [only = empty] = parts;
    return parts.length > 1 ? Buffer.concat(parts) : only;
  }
}

const empty = Buffer.alloc(0);

interface Found {
  readonly from: number;
  readonly to: number;
  readonly mask: Buffer;
}

/** In the order of where they begin, the longest of several first. */
function findIn(text: Buffer, forms: readonly Form[]): readonly Found[] {
  const found: Found[] = [];
  for (const { bytes, mask } of forms)
    for (let from = text.indexOf(bytes); from >= 0; from = text.indexOf(bytes, from + 1))
      found.push({ from, to: from + bytes.length, mask });
  return found.length < 2 ? found : found.sort((a, b) => a.from - b.from || b.to - a.to);
}

/** Where the longest end of the text begins that is the beginning of a form; its length, when there is none. */
function beginningIn(text: Buffer, forms: readonly Form[]): number {
  return Math.min(text.length, ...forms.map(({ bytes }) => beginningOf(bytes, text)));
}

function beginningOf(form: Buffer, text: Buffer): number {
  const [first] = form;
  for (let at = Math.max(0, text.length - form.length + 1); at < text.length; at++)
    if (text[at] === first && text.compare(form, 0, text.length - at, at) === 0) return at;
  return text.length;
}
