import type {
  CreateOptions,
  Entry,
  GetOptions,
  ListOptions,
  Page,
  StateStore,
  StoreErrorCode,
  StoreRequests,
} from "../store.ts";
import type { Runtime } from "../runtime.ts";

/** What a process asked of the store: requests by kind, and bytes of objects. `list` counts pages. */
export interface Usage {
  create: number;
  /** Creates that found other bytes. */
  lost: number;
  get: number;
  list: number;
  put: number;
  delete: number;
  /** Bytes of objects that were written, and that were read. */
  sent: number;
  received: number;
}

/**
 * A store as the protocol uses it: a create is sent until it is answered, and what can be repeated is repeated while the
 * store can't be reached.
 */
export interface Facts {
  readonly store: StateStore;
  /** As of now. Where the store counts its requests, what it says; of a store that several sessions use at once, all of theirs. */
  readonly usage: Usage;
  /** Creates that were sent and not answered, so that nobody knows whether they took effect. While there is one, this process writes no heartbeat and takes nothing else. */
  readonly unsettled: number;
  /** Monotonic time of the newest fact that this process wrote. */
  readonly lastFact: number;
  create(key: string, body: Uint8Array, options?: CreateOptions): Promise<boolean>;
  /** @param options `once`: rejects the first time that the store does not answer, for who asks again anyway. */
  get(key: string, options?: GetOptions & { readonly once?: boolean }): Promise<Uint8Array | undefined>;
  list(prefix: string, options?: ListOptions): AsyncIterable<Page>;
  put(key: string, body: Uint8Array): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
  now(): Promise<number>;
}

/** How long what can be repeated is repeated: longer than a store's restart, shorter than a user's patience for a dead one. */
export const patience = 300_000;

/** A try that took longer was slept through: of a machine that was suspended, or stopped, that is not the store's silence. Milliseconds. */
const longestTry = 60_000;

export function facts(store: StateStore, runtime: Runtime, signal?: AbortSignal): Facts {
  const usage: Usage = { create: 0, lost: 0, get: 0, list: 0, put: 0, delete: 0, sent: 0, received: 0 };
  const before = { ...store.requests };
  let unsettled = 0;
  let lastFact = runtime.monotonic();

  const repeat = async <T>(what: string, operation: () => Promise<T>): Promise<T> => {
    let waited = 0;
    let last = runtime.monotonic();
    for (let tries = 0; ; tries++) {
      try {
        return await operation();
      } catch (error) {
        if (!isRetryable(error) || signal?.aborted) throw error;
        const now = runtime.monotonic();
        waited += Math.min(now - last, longestTry);
        last = now;
        if (waited > patience)
          throw new Error(`The store did not answer ${what} for ${Math.round(waited / 1000)} s.`, { cause: error });
        await runtime.sleep(backoff(tries, runtime.random()), signal);
      }
    }
  };

  return {
    store,
    get usage() {
      return { ...usage, ...since(before, store.requests) };
    },
    get unsettled() {
      return unsettled;
    },
    get lastFact() {
      return lastFact;
    },
    async create(key, body, options) {
      let first = true;
      let unanswered = false;
      try {
        const created = await repeat(`the create of ${key}`, async () => {
          usage.create++;
          usage.sent += body.length;
          // Only a first try is known to be nobody's repetition.
          const exclusive = first && options?.exclusive === true;
          first = false;
          try {
            return await store.create(key, body, exclusive ? options : { ...options, exclusive: false });
          } catch (error) {
            // From here on, through the waits between tries as well: what was sent may land at any time.
            if (!unanswered) unsettled++;
            unanswered = true;
            throw error;
          }
        });
        if (created) lastFact = runtime.monotonic();
        else usage.lost++;
        return created;
      } finally {
        if (unanswered) unsettled--;
      }
    },
    async get(key, { once = false, ...options } = {}) {
      const read = async () => {
        usage.get++;
        const bytes = await store.get(key, { ...options, signal });
        usage.received += bytes?.length ?? 0;
        return bytes;
      };
      return once ? read() : repeat(`the read of ${key}`, read);
    },
    list(prefix, options) {
      return pages(prefix, options);
    },
    async put(key, body) {
      usage.put++;
      usage.sent += body.length;
      await store.put(key, body, { signal });
      lastFact = runtime.monotonic();
    },
    delete(keys) {
      return repeat(`the delete of ${keys[0]} and ${keys.length - 1} more`, async () => {
        usage.delete++;
        await store.delete(keys, { signal });
      });
    },
    now: () => repeat("the time", () => store.now()),
  };

  async function* pages(prefix: string, options?: ListOptions): AsyncIterable<Page> {
    let after = options?.after;
    let iterator = store.list(prefix, { ...options, after })[Symbol.asyncIterator]();
    for (;;) {
      const step = await repeat(`the listing of ${prefix}`, async () => {
        usage.list++;
        try {
          return await iterator.next();
        } catch (error) {
          // A generator that threw is finished: go on behind the last key that it told.
          iterator = store.list(prefix, { ...options, after })[Symbol.asyncIterator]();
          throw error;
        }
      });
      if (step.done) {
        usage.list--;
        return;
      }
      after = step.value.entries.at(-1)?.key ?? after;
      yield step.value;
    }
  }
}

function since(before: Partial<StoreRequests>, now: StoreRequests | undefined): Partial<StoreRequests> {
  if (!now) return {};
  const { create, get, list, put, delete: deleted } = now;
  return {
    create: create - (before.create ?? 0),
    get: get - (before.get ?? 0),
    list: list - (before.list ?? 0),
    put: put - (before.put ?? 0),
    delete: deleted - (before.delete ?? 0),
  };
}

export async function listAll(
  from: Facts,
  prefix: string,
  options?: ListOptions,
): Promise<{ now: number; entries: Entry[] }> {
  const entries: Entry[] = [];
  let now = 0;
  for await (const page of from.list(prefix, options)) {
    now = page.now;
    for (const entry of page.entries) entries.push(entry);
  }
  return { now, entries };
}

/** Full jitter, from 25 ms up to 5 s: a crowd that lost its store doesn't come back in step. */
function backoff(tries: number, random: number): number {
  return 10 + random * Math.min(25 * 2 ** tries, 5000);
}

/** By shape, not by class: a store may come with its own copy of core. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && "retryable" in error && error.retryable === true;
}

export function storeErrorCode(error: unknown): StoreErrorCode | undefined {
  return error instanceof Error && "retryable" in error && "code" in error ? (error.code as StoreErrorCode) : undefined;
}
