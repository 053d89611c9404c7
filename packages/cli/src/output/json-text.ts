/** Bytes as JSON can tell them. */
export type Told = { readonly text: string } | { readonly bytes: string };

/**
 * Text out of stretches of bytes, which may end within a character: its first bytes wait for the others, which come with the next
 * stretch of the same log and channel. What is no text is told in base64.
 */
export class JsonText<Of extends object = object> {
  readonly #cut = new Map<string, { readonly of: Of; readonly bytes: Uint8Array }>();

  *take(log: string, of: Of, bytes: Uint8Array): Generator<Told> {
    const before = this.#cut.get(log)?.bytes;
    this.#cut.delete(log);
    const all = before === undefined ? bytes : Buffer.concat([before, bytes]);
    const end = all.length - cutOff(all);
    if (end < all.length) this.#cut.set(log, { of, bytes: all.slice(end) });
    if (end > 0) yield told(all.subarray(0, end));
  }

  /** Beginnings of characters that never went on. */
  *rest(): Generator<readonly [Of, Told]> {
    for (const { of, bytes } of this.#cut.values()) yield [of, told(bytes)];
  }
}

function told(bytes: Uint8Array): Told {
  try {
    return { text: strict.decode(bytes) };
  } catch {
    return { bytes: Buffer.from(bytes).toString("base64") };
  }
}

/** Bytes at the end that may be the beginning of a character, at most three. */
function cutOff(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    // The first byte of a character says how many it has.
    if (byte >= 0xc2 && byte < 0xf5) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80 || byte >= 0xc0) return 0;
  }
  return 0;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
