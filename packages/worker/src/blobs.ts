import type { Facts, Segment, SessionKeys } from "@skyburst/core/protocol";

const decoder = new TextDecoder();

/** Large inputs and shared values, by content. What is shared is fetched once per worker. */
export class Blobs {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #shared = new Map<string, Promise<Uint8Array>>();

  constructor(facts: Facts, keys: SessionKeys) {
    this.#facts = facts;
    this.#keys = keys;
  }

  shared(sha256: string): Promise<Uint8Array> {
    const known = this.#shared.get(sha256) ?? this.#fetch(sha256);
    this.#shared.set(sha256, known);
    // Another attempt asks again.
    known.catch(() => this.#shared.delete(sha256));
    return known;
  }

  /** The blobs that lines of these inputs stand for. */
  async of({ rich, lines }: Segment): Promise<Map<string, Uint8Array> | undefined> {
    if (rich.length === 0) return undefined;
    const texts = decoder.decode(lines).split("\n");
    const found = new Map<string, Uint8Array>();
    for (const position of rich) {
      const { blob } = JSON.parse(texts[position] ?? "{}") as { readonly blob?: string };
      if (blob !== undefined) found.set(blob, await this.#fetch(blob));
    }
    return found;
  }

  async #fetch(sha256: string): Promise<Uint8Array> {
    const bytes = await this.#facts.get(this.#keys.inputBlob(sha256));
    if (!bytes) throw new Error(`The session's store has no blob ${sha256}.`);
    return bytes;
  }
}
