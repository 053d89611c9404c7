import type { CreateOptions, Entry, GetOptions, ListOptions, Page, SignalOption, StateStore } from "@skyburst/core";

/** The part of a store below a root, as if nothing else were there. Bodies may be given as text. */
export class Place {
  /** The store itself, for calls that are not about a part of it. */
  readonly raw: StateStore;
  /** Ends in `/`. */
  readonly root: string;

  constructor(raw: StateStore, root: string) {
    this.raw = raw;
    this.root = root;
  }

  create(key: string, body: Uint8Array | string, options?: CreateOptions): Promise<boolean> {
    return this.raw.create(this.root + key, bytes(body), options);
  }

  get(key: string, options?: GetOptions): Promise<Uint8Array | undefined> {
    return this.raw.get(this.root + key, options);
  }

  /** The object as text. */
  async read(key: string): Promise<string | undefined> {
    const body = await this.get(key);
    return body && new TextDecoder().decode(body);
  }

  put(key: string, body: Uint8Array | string, options?: SignalOption): Promise<void> {
    return this.raw.put(this.root + key, bytes(body), options);
  }

  delete(keys: readonly string[], options?: SignalOption): Promise<void> {
    return this.raw.delete(
      keys.map((key) => this.root + key),
      options,
    );
  }

  /** Every page of a listing. The prefix `""` is the whole part. */
  async pages(prefix: string, options: ListOptions = {}): Promise<Page[]> {
    const pages: Page[] = [];
    for await (const page of this.list(prefix, options)) pages.push(page);
    return pages;
  }

  async *list(prefix: string, { after, ...options }: ListOptions = {}): AsyncGenerator<Page, void, undefined> {
    const from = after === undefined ? options : { ...options, after: this.root + after };
    for await (const { now, entries } of this.raw.list(this.root + prefix, from)) {
      yield { now, entries: entries.map((entry) => ({ ...entry, key: this.#below(entry.key) })) };
    }
  }

  async entries(prefix: string, options?: ListOptions): Promise<Entry[]> {
    return (await this.pages(prefix, options)).flatMap(({ entries }) => entries);
  }

  async keys(prefix: string, options?: ListOptions): Promise<string[]> {
    return (await this.entries(prefix, options)).map(({ key }) => key);
  }

  /** Creates an object of its own key under each key, some at a time. */
  async createAll(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += AT_ONCE) {
      await Promise.all(keys.slice(from, from + AT_ONCE).map((key) => this.create(key, key, { exclusive: true })));
    }
  }

  /** A key from elsewhere stays as it is, and so is seen. */
  #below(key: string): string {
    return key.startsWith(this.root) ? key.slice(this.root.length) : key;
  }
}

function bytes(body: Uint8Array | string): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}

const AT_ONCE = 50;
