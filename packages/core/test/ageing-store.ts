import { MemoryStore } from "./memory-store.ts";

/** Keeps when each object was written. */
export class AgeingStore extends MemoryStore {
  readonly #written = new Map<string, number>();

  override async create(key: string, body: Uint8Array): Promise<boolean> {
    if (!this.objects.has(key)) this.#written.set(key, this.clock);
    return super.create(key, body);
  }

  override async put(key: string, body: Uint8Array): Promise<void> {
    this.#written.set(key, this.clock);
    return super.put(key, body);
  }

  override async *list(prefix: string, options?: { after?: string | undefined }) {
    for await (const { now, entries } of super.list(prefix, options))
      yield { now, entries: entries.map((entry) => ({ ...entry, modified: this.#written.get(entry.key) ?? 0 })) };
  }
}
