import type { Entry, Page } from "../../packages/core/src/store.ts";

interface StoredObject {
  readonly body: Uint8Array;
  readonly entry: Entry;
}

/** What the simulated store holds, in key order. Every call is one moment. */
export class Objects {
  readonly #objects = new Map<string, StoredObject>();
  /** As listings tell them: made once, told often. */
  readonly #entries: Entry[] = [];

  get(key: string): Uint8Array | undefined {
    return this.#objects.get(key)?.body;
  }

  /** When it was written, on the store's clock. */
  modified(key: string): number | undefined {
    return this.#objects.get(key)?.entry.modified;
  }

  has(key: string): boolean {
    return this.#objects.has(key);
  }

  set(key: string, body: Uint8Array, modified: number): void {
    const entry: Entry = { key, size: body.length, modified };
    this.#entries.splice(this.#place(key), this.#objects.has(key) ? 1 : 0, entry);
    this.#objects.set(key, { body, entry });
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#entries.splice(this.#place(key), 1);
  }

  /** Keys that begin with `prefix`. */
  under(prefix: string): string[] {
    return this.#entries.slice(this.#place(prefix), this.#behind(prefix)).map(({ key }) => key);
  }

  page(prefix: string, after: string | undefined, limit: number, now: number): Page & { readonly more: boolean } {
    const first = this.#place(after === undefined || after < prefix ? prefix : `${after}\0`);
    const end = this.#behind(prefix);
    const entries = this.#entries.slice(first, Math.min(first + limit, end));
    return { now, entries, more: first + limit < end };
  }

  /** Place behind all keys that begin with `prefix`. */
  #behind(prefix: string): number {
    return this.#place(`${prefix}\uffff`);
  }

  /** First place whose key is not before `key`. Keys are ASCII: their order in UTF-16 is that in UTF-8. */
  #place(key: string): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.key ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
