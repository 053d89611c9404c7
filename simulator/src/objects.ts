import type { Entry, Page } from "../../packages/core/src/store.ts";

interface StoredObject {
  readonly body: Uint8Array;
  /** As listings tell it: made once, told often. */
  readonly entry: Entry;
}

/** What the simulated store holds, in key order. Every call is one moment. */
export class Objects {
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys: string[] = [];

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
    if (!this.#objects.has(key)) this.#keys.splice(this.#place(key), 0, key);
    this.#objects.set(key, { body, entry: { key, size: body.length, modified } });
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.splice(this.#place(key), 1);
  }

  /** Keys that begin with `prefix`. */
  under(prefix: string): string[] {
    return this.#keys.slice(this.#place(prefix), this.#place(`${prefix}\uffff`));
  }

  page(prefix: string, after: string | undefined, limit: number, now: number): Page & { readonly more: boolean } {
    const entries: Entry[] = [];
    let at = this.#place(after === undefined || after < prefix ? prefix : `${after}\0`);
    for (; at < this.#keys.length && entries.length < limit; at++) {
      const key = this.#keys[at] ?? "";
      if (!key.startsWith(prefix)) return { now, entries, more: false };
      const object = this.#objects.get(key);
      if (object) entries.push(object.entry);
    }
    return { now, entries, more: this.#keys[at]?.startsWith(prefix) ?? false };
  }

  /** First place whose key is not before `key`. Keys are ASCII: their order in UTF-16 is that in UTF-8. */
  #place(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
