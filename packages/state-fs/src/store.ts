import { setImmediate } from "node:timers/promises";
import type {
  CreateOptions,
  GetOptions,
  JsonObject,
  ListOptions,
  Page,
  Rate,
  SignalOption,
  StateStore,
  StoreError,
  StorePace,
  StoreRates,
  StoreReference,
} from "@skyburst/core";
import { Clock } from "./clock.ts";
import { createOnce, replace } from "./create.ts";
import { DirectoryStoreError, translated } from "./errors.ts";
import { checkKey, checkPrefix } from "./key.ts";
import { PAGE, pages } from "./list.ts";
import { type DirectoryOptions, referenced, type Settings, settings } from "./options.ts";
import { readWhole } from "./read.ts";
import { prune, remove } from "./remove.ts";
import { Root } from "./root.ts";

/**
 * A store on a directory, made on first use: one file per object, its path the key. For processes on one machine, or on
 * several that share a file system which shows a new file to all of them at once.
 *
 * @param path Default `.skyburst`, from the working directory of the moment.
 * @throws {DirectoryStoreError} `option` for a value that cannot be. Whether the directory can be used shows at the first
 * call.
 */
export function directory(path = ".skyburst", options: DirectoryOptions = {}): StateStore {
  return new DirectoryStore(settings(path, options));
}

/** The store that a reference names; see {@link StateStore.reference}. */
export function open(options: JsonObject): StateStore {
  return new DirectoryStore(referenced(options));
}

/**
 * Calls of the file system are synchronous on purpose: an object of 14 KB costs 40 µs this way, and eight times that by
 * way of the thread pool. What may take longer (a long listing, many deletes) lets others run in between.
 */
class DirectoryStore implements StateStore {
  readonly reference: StoreReference;
  readonly pace: StorePace = PACE;
  // Resolved from the built file, beside which the built program is.
  readonly program = new URL("./program.mjs", import.meta.url);
  readonly #root: Root;
  readonly #clock: Clock;
  #closed = false;

  constructor({ path, durable }: Settings) {
    this.reference = { module: "@skyburst/state-fs", options: { path, durable }, directory: path };
    this.#root = new Root({ path, durable });
    this.#clock = new Clock(this.#root);
  }

  async create(key: string, body: Uint8Array, options?: CreateOptions): Promise<boolean> {
    return this.#act("create", key, options, () => createOnce(this.#root, key, body, options?.exclusive === true));
  }

  async get(key: string, options?: GetOptions): Promise<Uint8Array | undefined> {
    return this.#act("read", key, options, () => readWhole(this.#root, this.#root.pathOf(key), options?.into));
  }

  async *list(prefix: string, options?: ListOptions): AsyncGenerator<Page, void, undefined> {
    const act = <T>(step: () => T): T => this.#act("list", prefix, options, step);
    act(() => checkPrefix(prefix));
    const found = pages(this.#root, prefix, options?.after ?? "");
    for (;;) {
      const page = act(() => {
        const { value: entries } = found.next();
        // Touched last: no entry of a page is younger than the page.
        return entries && { now: this.#clock.read(), entries };
      });
      if (page === undefined) return;
      yield page;
      if (page.entries.length === PAGE) await setImmediate();
    }
  }

  async put(key: string, body: Uint8Array, options?: SignalOption): Promise<void> {
    this.#act("write", key, options, () => replace(this.#root, key, body));
  }

  async delete(keys: readonly string[], options?: SignalOption): Promise<void> {
    // All or nothing as far as the caller can be blamed.
    this.#act("delete", keys[0] ?? "", options, () => keys.forEach(checkKey));
    for (let from = 0; from < keys.length; from += DELETED_AT_ONCE) {
      if (from > 0) await setImmediate();
      const some = keys.slice(from, from + DELETED_AT_ONCE);
      for (const key of some) this.#act("delete", key, options, () => remove(this.#root, key));
      prune(this.#root, some);
    }
  }

  async now(): Promise<number> {
    return this.#act("read the clock", undefined, undefined, () => this.#clock.read());
  }

  async rates(): Promise<StoreRates> {
    return FREE;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#clock.close();
    this.#root.close();
  }

  #act<T>(verb: string, key: string | undefined, options: SignalOption | undefined, step: () => T): T {
    if (this.#closed || options?.signal?.aborted) throw stopped(verb, key, this.#root.path, options?.signal);
    try {
      return step();
    } catch (error) {
      throw translated(error, { doing: phrase(verb, key), root: this.#root.path });
    }
  }
}

function stopped(verb: string, key: string | undefined, root: string, signal: AbortSignal | undefined): StoreError {
  const why = signal?.aborted ? "its signal was aborted before it began" : "the store is closed";
  return new DirectoryStoreError("closed", `Cannot ${phrase(verb, key)} in the store directory ${root}: ${why}.`, {
    cause: signal?.reason,
  });
}

/** For messages only: quoting costs as much as a look for a file. */
function phrase(verb: string, key: string | undefined): string {
  return key === undefined ? verb : `${verb} ${JSON.stringify(key)}`;
}

/** A request costs microseconds here, so it is all about how soon things show. */
const PACE: StorePace = { ttl: 10_000, commitInterval: 500, poll: [2, 1000], chunksPerSlot: 16 };
/** About 10 ms. */
const DELETED_AT_ONCE = 500;

const free = (unit: Rate["unit"]): Rate => ({
  amount: 0,
  currency: "USD",
  unit,
  source: "nobody bills the use of a directory",
});
const request = free("request");
const FREE: StoreRates = {
  requests: { create: request, get: request, list: request, put: request, delete: request },
  storage: free("GB-month"),
  transfer: { in: free("GB"), out: free("GB") },
};
