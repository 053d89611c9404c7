import type { StoreRates } from "./costs.ts";

/**
 * Where every fact of a session lives.
 *
 * A store is anything that can create an object exactly once; the session protocol needs nothing more. It knows nothing
 * of tasks. Implementations translate the errors of their SDK into {@link StoreError} and leave retries of whole
 * operations, polling and caching to core.
 *
 * Keys are UTF-8 paths: segments of 1 to 255 bytes joined by `/`, at most 1,024 bytes in all, no empty, `.` or `..`
 * segment, no trailing `/`, and no key is a `/`-parent of another. A key that breaks this is refused with
 * `code: "invalid-key"`; `keyFault` knows the rules for a key by itself.
 */
export interface StateStore {
  /** How a worker elsewhere opens this same store. JSON only, and no secrets: it is written into launch arguments. */
  readonly reference: StoreReference;

  /** What requests cost here, in time: the rhythm in which the protocol uses this store. */
  readonly pace: StorePace;

  /**
   * A worker program for this store that was built ahead: worker and store in one ESM file, started as
   * `node FILE ARGS`. Without it, one is bundled on first use out of `reference.module` and `@skyburst/worker`, which then
   * has to be installed beside it, and kept in the user's cache.
   */
  readonly program?: URL | undefined;

  /**
   * Creates an object unless one is there: the one atomic primitive, idempotent by content.
   *
   * `true`: exactly these bytes are under `key` (written now, or by an earlier call). `false`: other bytes are there, and
   * they stay. An object is visible whole or not at all. `options.exclusive` promises that no earlier call can have
   * written the same bytes, so a store may answer `false` without reading what is there. Once the call has settled, the
   * memory of `body` is the caller's again: nothing of it is kept, or still being sent.
   *
   * @throws {StoreError} `unknown` when the store did not answer: the object may or may not be, or may come to be, there.
   * Only the same call, repeated until it is answered, settles it.
   */
  create(key: string, body: Uint8Array, options?: CreateOptions): Promise<boolean>;

  /** The object's bytes, or `undefined` when there is none. The bytes belong to the caller. */
  get(key: string, options?: GetOptions): Promise<Uint8Array | undefined>;

  /**
   * Objects whose key starts with `prefix` (which ends in `/`), in ascending UTF-8 byte order of the key, page by page of
   * at most 1,000. `after` leaves out keys up to and including it. Objects created before the call began are in it;
   * later ones may be. A prefix without objects yields one empty page, so that `now` is always told.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<Page>;

  /** Writes an object, replacing what was there: the last writer wins. For hints only, never for truth. */
  put(key: string, body: Uint8Array, options?: SignalOption): Promise<void>;

  /** Deletes objects. Idempotent: a key that is not there is success. */
  delete(keys: readonly string[], options?: SignalOption): Promise<void>;

  /**
   * The store's clock in milliseconds since the epoch: the newest answer's, plus monotonic time since; at most 30 s old.
   * Never the clock of this machine.
   */
  now(): Promise<number>;

  /**
   * A URL by which whoever has it can fetch one object for a while, without credentials: for a bare container's first
   * step. Optional capability: `undefined` where the store can't, as on a directory. Whether the object is there is not
   * looked at.
   */
  signedUrl?(key: string, options: SignedUrlOptions): Promise<string>;

  /**
   * Requests that this object has sent so far, as the provider bills them: each try, each page, each part of a large
   * body, and the reads by which a `create` finds out what is there. Optional: without it, calls are counted.
   */
  readonly requests?: StoreRequests | undefined;

  /** Role: what requests, storage and transfer cost here; `undefined` where that is not known. What is free costs zero. */
  rates?(): Promise<StoreRates | undefined>;

  /**
   * Role: environment variables by which a worker elsewhere opens this store, as the credentials that this object has now. They are
   * secrets: handed to a backend with a launch, and written nowhere. Default: workers need none, or have their own.
   *
   * @throws {StoreError} when there are none to be had.
   */
  credentials?(): Promise<Readonly<Record<string, string>>>;

  /** Closes what this object opened. Later calls on it reject. Idempotent. */
  close?(): Promise<void>;
}

export interface StoreReference {
  /**
   * Module that exports `open(options): StateStore`: a package, as `@skyburst/state-fs`, or a file by its URL
   * (`import.meta.url`).
   */
  readonly module: string;
  /** What `open` is called with. JSON, no secrets. */
  readonly options: JsonObject;
  /** The directory of this machine that the store is in: who runs workers elsewhere has to bring it there. Undefined: it is in none. */
  readonly directory?: string | undefined;
}

/** JSON, as options of a reference are made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Rhythm of the protocol on a store; every figure in milliseconds but `chunksPerSlot`. */
export interface StorePace {
  /** Age at which a lease may be taken over. S3 60,000, directory 10,000; at least 1,000. */
  readonly ttl: number;
  /** Work per batch: an outcome is committed about this long after its task ended. S3 20,000, directory 500. */
  readonly commitInterval: number;
  /** Shortest and longest wait between two looks at the same thing. S3 [1,000, 30,000], directory [2, 1,000]. */
  readonly poll: readonly [shortest: number, longest: number];
  /** Chunks per slot that an append of unknown work is cut into. S3 8, directory 16. */
  readonly chunksPerSlot: number;
}

export interface SignalOption {
  /** Gives up waiting. A `create` that was given up is `unknown`. */
  readonly signal?: AbortSignal | undefined;
}

export interface CreateOptions extends SignalOption {
  readonly exclusive?: boolean | undefined;
}

export interface GetOptions extends SignalOption {
  /**
   * Memory for the answer: called with its size in bytes, gives at least that many, of which the answer is a view. It spares
   * a reader of many objects as many allocations; a store that can't make use of it may ignore it.
   */
  readonly into?: ((size: number) => Uint8Array) | undefined;
}

export interface SignedUrlOptions extends SignalOption {
  /** Milliseconds from now on that the URL holds; a store may have a limit (S3: 7 days). */
  readonly expires: number;
}

/** Numbers of requests by kind. What begins, carries and ends a large body counts as `create` or `put`. */
export type StoreRequests = Readonly<Record<"create" | "get" | "list" | "put" | "delete", number>>;

export interface ListOptions extends SignalOption {
  readonly after?: string | undefined;
}

export interface Page {
  /** The store's clock when it answered, in milliseconds since the epoch. */
  readonly now: number;
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** The store's clock at the time of writing, in milliseconds since the epoch; a store may round it down to seconds. */
  readonly modified: number;
}

export type StoreErrorCode =
  /** Nobody answered: the operation may have taken effect, or may yet. Repeat the same call. */
  | "unknown"
  /** The store cannot be reached, or says it is busy. Nothing took effect. */
  | "unavailable"
  /** Not allowed to. */
  | "permission"
  /** No space left, or a quota is used up. */
  | "full"
  /** The place does not exist or is of the wrong kind. */
  | "not-found"
  /** The key breaks the rules above. */
  | "invalid-key"
  /** An option has a value that cannot be. */
  | "option"
  /** The store does not keep the contract of `create`. */
  | "unfit"
  /** Closed, or given up by a signal. */
  | "closed";

/** What a store throws. Each store package extends it with its own class; `retryable` says whether waiting can help. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
  readonly code: StoreErrorCode;
  readonly retryable: boolean;

  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super(message, options && "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options?.retryable ?? (code === "unknown" || code === "unavailable");
  }
}
