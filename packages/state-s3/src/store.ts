import type {
  CreateOptions,
  GetOptions,
  JsonObject,
  ListOptions,
  Page,
  SignalOption,
  SignedUrlOptions,
  StateStore,
  StoreError,
  StorePace,
  StoreRates,
  StoreReference,
  StoreRequests,
} from "@skyburst/core";
import { type Bucket, bucketOf, placeOf } from "./bucket.ts";
import { Connection } from "./connection.ts";
import { createOnce, replace } from "./create.ts";
import { S3StoreError, translated } from "./errors.ts";
import { checkKey, checkPrefix } from "./key.ts";
import { pages } from "./list.ts";
import { endpointFromHere } from "./loopback.ts";
import { PART } from "./multipart.ts";
import { type BorrowedClient, referenced, referenceOf, type S3Options, type Settings, settings } from "./options.ts";
import { credentialsOf } from "./credentials.ts";
import { ratesOf } from "./rates.ts";
import { fetchObject } from "./read.ts";
import { removeObjects } from "./remove.ts";
import { signUrl } from "./signed-url.ts";
import { Trust } from "./trust.ts";
import { unlessAborted } from "./unless-aborted.ts";

/**
 * A store on S3, or on a service that speaks its protocol and creates an object once (`If-None-Match: *`). Credentials are
 * what the SDK finds: environment, profile, login, role.
 *
 * A service that is not AWS is tested once per bucket before it is relied on, and refused with what failed.
 *
 * @throws {S3StoreError} `option` for a value that cannot be. Whether the bucket can be used shows at the first call.
 */
export function s3(options: S3Options): StateStore {
  return new S3Store(settings(options, process.env), options.client);
}

/** The store that a reference names; see {@link StateStore.reference}. */
export function open(options: JsonObject): StateStore {
  const it = referenced(options);
  const here = { ...it, endpoint: endpointFromHere(it.endpoint, process.env) };
  return new S3Store(here, undefined, it);
}

class S3Store implements StateStore {
  readonly reference: StoreReference;
  readonly pace: StorePace;
  // Resolved from the built file, beside which the built program is.
  readonly program = new URL("./program.mjs", import.meta.url);
  readonly #settings: Settings;
  readonly #root: string;
  readonly #place: string;
  readonly #bucket: Bucket;
  readonly #trust: Trust;
  #closed = false;

  /** @param named As the reference has it, where that differs from how the store is reached from here. */
  constructor(it: Settings, client?: BorrowedClient, named = it) {
    this.reference = { module: "@skyburst/state-s3", options: referenceOf(named) };
    this.pace = it.pace;
    this.#settings = it;
    this.#root = it.root;
    this.#place = placeOf(it);
    this.#bucket = bucketOf(new Connection(it, client), it);
    this.#trust = new Trust(this.#bucket);
  }

  get requests(): StoreRequests {
    return this.#bucket.connection.requests;
  }

  create(key: string, body: Uint8Array, options: CreateOptions = {}): Promise<boolean> {
    const { exclusive = false, signal } = options;
    return this.#write("create", key, body, signal, (bytes) =>
      createOnce(this.#bucket, key, bytes, { exclusive, signal }),
    );
  }

  get(key: string, options: GetOptions = {}): Promise<Uint8Array | undefined> {
    return this.#act("read", key, options.signal, () => fetchObject(this.#bucket, this.#checked(key), options));
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<Page, void, undefined> {
    const { signal } = options;
    const found = pages(this.#bucket, prefix, options);
    for (;;) {
      const { value: page } = await this.#act("list", prefix, signal, () => {
        checkPrefix(this.#root, prefix);
        return found.next();
      });
      if (page === undefined) return;
      yield page;
    }
  }

  put(key: string, body: Uint8Array, { signal }: SignalOption = {}): Promise<void> {
    return this.#write("write", key, body, signal, (bytes) => replace(this.#bucket, key, bytes, signal));
  }

  delete(keys: readonly string[], { signal }: SignalOption = {}): Promise<void> {
    return this.#act("delete", keys[0], signal, () => {
      // All or nothing as far as the caller can be blamed.
      for (const key of keys) this.#checked(key);
      return removeObjects(this.#bucket, keys, signal);
    });
  }

  now(): Promise<number> {
    return this.#act("read the clock", undefined, undefined, async () => {
      const { connection } = this.#bucket;
      // The cheapest question that every answer's time comes with.
      if (connection.clock.read() === undefined) await fetchObject(this.#bucket, ANYTHING, {});
      return connection.now();
    });
  }

  signedUrl(key: string, { expires, signal }: SignedUrlOptions): Promise<string> {
    return this.#act("sign a URL of", key, signal, () => signUrl(this.#bucket, this.#checked(key), expires));
  }

  rates(): Promise<StoreRates | undefined> {
    return ratesOf(this.#bucket.connection, this.#settings.endpoint);
  }

  /** Those of the SDK's own chain, as they are now: temporary ones end when they end. */
  credentials(): Promise<Readonly<Record<string, string>>> {
    return this.#act("find credentials for", undefined, undefined, () => credentialsOf(this.#bucket.connection));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#bucket.connection.close();
  }

  /** With the body as it is now: the caller may use its memory again. Of a large one there is no room for a second copy. */
  #write<T>(
    verb: string,
    key: string,
    body: Uint8Array,
    signal: AbortSignal | undefined,
    step: (bytes: Uint8Array) => Promise<T>,
  ): Promise<T> {
    const bytes = body.length > PART ? body : new Uint8Array(body);
    return this.#act(verb, key, signal, () => {
      this.#checked(key);
      return step(bytes);
    });
  }

  #checked(key: string): string {
    checkKey(this.#root, key);
    return key;
  }

  async #act<T>(
    verb: string,
    key: string | undefined,
    signal: AbortSignal | undefined,
    step: () => Promise<T>,
  ): Promise<T> {
    const doing = key === undefined ? verb : `${verb} ${JSON.stringify(key)}`;
    if (this.#closed || signal?.aborted) throw this.#stopped(doing, "closed", signal);
    const known = this.#bucket.connection.host !== undefined;
    try {
      return await unlessAborted(this.#trusted(step), signal);
    } catch (error) {
      if (this.#closed || signal?.aborted) throw this.#stopped(doing, verb === "create" ? "unknown" : "closed", signal);
      throw translated(error, { doing, known, bucket: this.#settings.bucket, place: this.#place });
    }
  }

  /** No answer of a service is passed on before the service has been found fit; who it is may show only by its first. */
  async #trusted<T>(step: () => Promise<T>): Promise<T> {
    await this.#trust.proven();
    const answer = await step();
    await this.#trust.proven();
    return answer;
  }

  #stopped(doing: string, code: "closed" | "unknown", signal: AbortSignal | undefined): StoreError {
    const why = signal?.aborted ? "its signal was aborted" : "the store is closed";
    const message = `Cannot ${doing} in ${this.#place}: ${why}.`;
    return new S3StoreError(code, message, { cause: signal?.reason, retryable: false });
  }
}

/** A key that need not be there. */
const ANYTHING = "selftest/clock";
