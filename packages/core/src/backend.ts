import type { Rate } from "./costs.ts";
import type { JsonObject } from "./store.ts";

/**
 * Where workers run.
 *
 * A backend starts, lists and stops workers. It knows nothing of tasks, and it keeps no truth: `list` asks the provider,
 * by label, so that a process that never launched anything finds what another one left. Required are four members; the
 * rest are roles that core uses when they are there.
 */
export interface Backend {
  /** As it appears in messages: `local`, `docker`, `fargate`. */
  readonly name: string;
  readonly capabilities: BackendCapabilities;

  /**
   * Starts one worker per slot number. Resolves when the provider took the calls, before the workers run. Every slot is
   * in exactly one of `started` and `refused`. A repeated call with the same `token` starts nothing twice where the
   * provider can tell (`capabilities.token`); else the workers themselves leave.
   *
   * @throws {BackendError} when nothing could be tried at all. A launch that fails never resolves as started.
   */
  launch(request: LaunchRequest, options?: LaunchOptions): Promise<LaunchResult>;

  /** Every worker of the session that the provider still knows, whoever launched it. */
  list(sessionId: string, options?: BackendSignal): Promise<readonly WorkerStatus[]>;

  /**
   * Ends workers by `id`: SIGTERM or what the provider has for it, SIGKILL after the grace time. Resolves when the
   * provider took the calls. Idempotent: a worker that is gone, or was never there, is success.
   */
  stop(workers: readonly string[], options?: StopOptions): Promise<void>;

  /** Role: yields whenever the state of a worker of the session changes, as soon as this process can know. */
  watch?(sessionId: string, options?: BackendSignal): AsyncIterable<readonly WorkerStatus[]>;

  /** Role: how many more workers of this kind could start now. */
  capacity?(spec: WorkerSpec, options?: BackendSignal): Promise<number>;

  /** Role: the largest worker that could ever start, if all were free. A field that nobody knows is left out. */
  largest?(options?: BackendSignal): Promise<Pick<WorkerSpec, "cpu" | "memory">>;

  /** Role: what one worker of this kind costs per hour; `undefined` where that is not known. What is free costs zero. */
  rate?(spec: WorkerSpec, options?: BackendSignal): Promise<Rate | undefined>;

  /** Role: sessions of which workers start or run, whoever launched them: so that what nobody cares for any more is found. */
  sessions?(options?: BackendSignal): Promise<readonly ManagedSession[]>;

  /** Role: what the worker's process itself printed, newest last: for workers that died before they could say why. */
  logs?(worker: string, options?: BackendSignal): Promise<string>;

  /**
   * Role: removes what is left at the provider: workers that have ended, and what was made for workers and none uses that starts or runs.
   * Those are left alone. Resolves with what was removed, or would be. Idempotent.
   */
  teardown?(options?: TeardownRequest): Promise<readonly Remnant[]>;

  /** Role: its workers may launch others. When nobody supervises their session any more, one of them starts this program, which does. */
  readonly standIn?: StandIn | undefined;

  /** Closes what this object opened; workers go on. Idempotent. */
  close?(): Promise<void>;
}

/** A program that supervises a session in place of its clients: a call of `runStandIn`, which makes the backend out of the options. */
export interface StandIn {
  /** `file:` URL on the machines of workers, run by the Node.js that runs them. */
  readonly program: string;
  /** Of the backend. JSON, no secrets: they are written into launch arguments. */
  readonly options: JsonObject;
}

/** What a backend can do, as data. */
export interface BackendCapabilities {
  /** Fields of {@link WorkerSpec} that it takes; any other that is set is refused by name. */
  readonly spec: readonly (keyof WorkerSpec)[];
  /** Most workers at a time, whatever is asked for. */
  readonly maxWorkers: number;
  /** Slots of a worker when the request does not say: how many tasks it runs at a time. */
  readonly slots: number;
  /** Bytes of a worker when the request does not say. Default: nobody sets it a limit. */
  readonly memory?: number | undefined;
  /** The provider itself refuses a second launch under the same token. */
  readonly token: boolean;
  /** Workers see the client's file system: a command task runs in the client's directory, with its environment. */
  readonly sharesFileSystem: boolean;
  /** Workers may vanish at a notice, at no fault of their own. */
  readonly spot: boolean;
  /**
   * It hands `LaunchRequest.secrets` to workers. Default false: workers open the store with credentials of their own, and sessions with
   * secrets are refused.
   */
  readonly secrets?: boolean | undefined;
  /** Milliseconds from the call of `launch` to the first task, until it was measured. Default 1,000. */
  readonly startup?: number | undefined;
  /** The shortest time of a worker that is billed, in milliseconds. Default 0. */
  readonly minimumBilling?: number | undefined;
  /** Milliseconds within which some worker has to start before nobody waits for one any more. Default 600,000. */
  readonly startTimeout?: number | undefined;
}

/** A session that has workers, as the provider's labels tell. */
export interface ManagedSession {
  readonly sessionId: string;
  /** The `storeId` that its workers were launched with, where the provider knows it. */
  readonly storeId?: string | undefined;
}

export interface TeardownRequest extends BackendSignal {
  /** Sessions whose ended workers stay, since somebody may yet ask how they ended. Default none. */
  readonly spare?: readonly string[] | undefined;
  /** Removes nothing, and only tells. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** Something that a backend made, and that nobody needs any more. */
export interface Remnant {
  /** In the provider's own words, as `container` or `volume`. */
  readonly kind: string;
  readonly name: string;
  /** The session that it was of, if it was of one. */
  readonly sessionId?: string | undefined;
}

export interface LaunchRequest {
  readonly sessionId: string;
  /** Number of the launch in the session: `launch/<n>`. */
  readonly launch: number;
  /** Idempotency token, at most 64 characters of `[A-Za-z0-9-]`: the same for a repeated launch. */
  readonly token: string;
  /** Slot numbers j of this launch; one worker each. */
  readonly slots: readonly number[];
  readonly spec: WorkerSpec;
  readonly program: LaunchProgram;
  /** Directories of this machine that the worker needs at the same paths, as that of a directory store. Default none. */
  readonly directories?: readonly string[] | undefined;
  /**
   * Environment of the worker that nobody else is to see: it is in no label, command line, log, nor in what the provider shows of a
   * worker. A worker that is started with `SKYBURST_SECRETS=stdin` reads them from its standard input, as one JSON object; one that finds
   * them in its environment needs nothing else. Given only where `capabilities.secrets` says that the backend can do that.
   */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** Which store the session is in, as 16 hex digits: a label by which workers of another store's sessions are told apart. */
  readonly storeId: string;
  /**
   * Arguments of the worker program, the same for all slots. A worker learns its own slot from the argument `--slot=<j>`
   * that the backend appends, or from the environment variable `SKYBURST_SLOT`.
   */
  readonly args: readonly string[];
  /**
   * Line that the worker prints once it has opened its store, if its environment has `SKYBURST_READY=1`: so that a backend can have one
   * worker show that the others will be able to work. Default: it prints none.
   */
  readonly readyLine?: string | undefined;
}

export interface LaunchProgram {
  readonly sha256: string;
  /** Where the program can be fetched from: `file:` on this machine, or a signed `https:` address. */
  readonly url: string;
}

/** What a worker is made of. A field that a backend does not take is refused by name. */
export interface WorkerSpec {
  /** Tasks that run at a time. Default: the backend's. */
  readonly slots?: number | undefined;
  /** Processors. */
  readonly cpu?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly gpus?: number | undefined;
  readonly image?: string | undefined;
  /** As `linux/arm64`. */
  readonly platform?: string | undefined;
  /** Environment of the worker and so of its tasks. Never for secrets: it can be seen on the provider's side. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly mounts?:
    | readonly { readonly source: string; readonly target: string; readonly readOnly?: boolean }[]
    | undefined;
  readonly spot?: boolean | undefined;
}

export interface LaunchResult {
  readonly started: readonly { readonly slot: number; readonly id: string }[];
  readonly refused: readonly Refusal[];
}

export interface Refusal {
  readonly slot: number;
  readonly kind: "quota" | "capacity" | "image" | "permission" | "option" | "unavailable";
  readonly message: string;
  /** Milliseconds after which another try makes sense. */
  readonly retryAfter?: number | undefined;
}

export interface WorkerStatus {
  /** The provider's id: what `stop` and `logs` take. */
  readonly id: string;
  readonly launch: number;
  readonly slot: number;
  readonly state: "pending" | "running" | "exited";
  /** Set when `state` is `exited`. */
  readonly exit?: WorkerExit | undefined;
  /** Milliseconds since the epoch, on the provider's clock. */
  readonly startedAt?: number | undefined;
  readonly stoppedAt?: number | undefined;
}

export interface WorkerExit {
  readonly code?: number | undefined;
  readonly signal?: string | undefined;
  /** `done`: exit 0. `lost`: it is gone and nobody can say why. */
  readonly reason: "done" | "error" | "oom" | "spot" | "stopped" | "lost";
  /** Peak memory in bytes, where the provider tells. */
  readonly memory?: number | undefined;
}

export interface BackendSignal {
  readonly signal?: AbortSignal | undefined;
}

export interface LaunchOptions {
  /**
   * Fires when nobody waits for these workers any more. Whoever rejects with its reason does so before anything was started, if that can
   * be: what was, is looked for in `list`.
   */
  readonly signal?: AbortSignal | undefined;
  /** Told in words what takes its time, as `pulling python:3.12: 45 of 120 MB`, whenever that changes. */
  readonly progress?: ((text: string) => void) | undefined;
}

export interface StopOptions extends BackendSignal {
  /** Milliseconds between SIGTERM and SIGKILL. Default 10,000, or the provider's own. */
  readonly grace?: number | undefined;
}

export type BackendErrorCode = "quota" | "capacity" | "image" | "permission" | "option" | "unavailable" | "closed";

/** What a backend throws. Each backend package extends it with its own class. */
export class BackendError extends Error {
  override readonly name: string = "BackendError";
  readonly code: BackendErrorCode;
  readonly retryable: boolean;

  constructor(code: BackendErrorCode, message: string, options?: { cause?: unknown; retryable?: boolean }) {
    super(message, options && "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options?.retryable ?? (code === "capacity" || code === "unavailable");
  }
}
