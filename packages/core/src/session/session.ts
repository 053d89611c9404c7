import type { Outcome, Succeeded } from "../outcome.ts";
import type { Shared } from "../shared.ts";
import type { Task } from "../task-context.ts";
import type { AttachedSession, Submitted, SubmitterIdentity } from "./attached.ts";
import type { OutcomeLines } from "./collect/collector.ts";
import type { Quote } from "./quote/quote-job.ts";
import type { QuoteOptions } from "./quote/quote-session.ts";
import type { Retries } from "./retries.ts";
import type { Feed } from "./submit/feed.ts";
import type { TaskSource } from "./submit/resolve-task.ts";
import type { SessionUsage } from "./status/usage.ts";

/**
 * One durable job space. It holds any number of submissions, each with a task of its own; workers stay between them, so
 * that a second map starts warm. What needs the store only can be done from anywhere else as well: {@link attachSession}.
 */
export interface Session extends AttachedSession, AsyncDisposable {
  /** Short, sortable by age. `skyburst status ID` and `skyburst collect ID` take it, or a unique beginning of it. */
  readonly id: string;

  /**
   * Runs the task once for each input. Nothing happens before the result is iterated, or `values()` is called; it can be
   * consumed once.
   *
   * Iterating gives outcomes as they finish, each task's first: what a retry brings later is told by `outcomes`. Leaving the loop
   * early, an error of `inputs`, or the signal cancels what has not run. `inputs` may be endless: it is read at most 100,000 inputs
   * ahead of the outcomes that were taken (arrays are submitted whole). A value may be a {@link Shared} handle in place of any part
   * of an input.
   *
   * @throws {SkyburstError} from the iterator: `task`, `input`, `workers`, `paused`, `option`. A task that fails is an outcome.
   */
  map<Input, Output>(
    task: Task<Input, Output>,
    inputs: NoInfer<Inputs<Input>>,
    options?: MapOptions,
  ): Mapped<Awaited<Output>>;

  /** Runs the task for one input, starting now. */
  submit<Input, Output>(
    task: Task<Input, Output>,
    input: NoInfer<Sendable<Input>>,
    options?: MapOptions,
  ): TaskHandle<Awaited<Output>>;

  /**
   * Submits inputs without collecting their outcomes, which `outcomes` gives to whoever asks, here or elsewhere. Resolves when all
   * is stored: from then on they are the session's own, and run whether or not this client stays; `close` does not cancel them.
   *
   * @throws {SkyburstError} `task`, `input`, `option`; `session` when other inputs or another task were submitted under the same id, or
   * nothing can be added to it any more.
   */
  submitAll<Input, Output>(
    task: Task<Input, Output>,
    inputs: NoInfer<Inputs<Input>>,
    options?: SubmitAllOptions,
  ): Promise<Submitted>;

  /**
   * What running the task once for each input would take and cost, at some sizes of the fleet: tries a few of the inputs, each alone, in a
   * session of their own that is removed behind them, and plays the rest. Reads all inputs, to count them; nothing is submitted here.
   *
   * @throws {SkyburstError} `option`; as `map` does, when the inputs can't be tried.
   */
  quote<Input, Output>(
    task: Task<Input, Output>,
    inputs: NoInfer<Inputs<Input>>,
    options: QuoteOptions,
  ): Promise<Quote>;

  /** Stores a value once, by content, for all tasks of the session. Each worker fetches it once. */
  share<T>(value: T): Promise<Shared<T>>;

  /**
   * The same as `map` for programs that work on lines, as the command does: inputs are segments of JSON lines, outcomes
   * are lines as they are stored.
   */
  lines(source: TaskSource, feed: Feed, options?: LinesOptions): AsyncGenerator<OutcomeLines>;

  /**
   * The same as `submitAll` for programs that work on lines. With an `id`, the same inputs have to come in the same segments each time.
   */
  submitLines(source: TaskSource, feed: Feed, options?: SubmitAllOptions): Promise<Submitted>;

  /** What client and workers asked of the store so far, and what that costs. Complete once the session is closed. */
  usage(): Promise<SessionUsage>;

  /** Ends this client's part only: nothing is cancelled, and workers go on until nothing is left. */
  detach(): Promise<void>;

  /**
   * Cancels this client's unfinished maps and lets its workers go; while something else is left to do in the session, they go on.
   * Idempotent.
   */
  close(): Promise<void>;
}

export type Inputs<Input> = Iterable<Sendable<Input>> | AsyncIterable<Sendable<Input>>;

/** A value, with {@link Shared} handles in place of any of its parts. */
export type Sendable<T> =
  | T
  | Shared<T>
  | (T extends readonly (infer Element)[]
      ? readonly Sendable<Element>[]
      : T extends object
        ? { readonly [Key in keyof T]: Sendable<T[Key]> }
        : never);

export interface MapOptions {
  /** Outcomes in input order. Default false: as they finish. */
  readonly ordered?: boolean | undefined;
  /** Further attempts of a task that failed: see {@link Retries}. Default: what `open` was given, else 0. A lost worker's tasks always run again. */
  readonly retries?: Retries | undefined;
  /**
   * What an attempt that runs out of memory is followed by: one on a worker with so many times as much, as 2. That is one more attempt, unless
   * `retries` says how many. Needs a backend that takes `memory`, and a spec that gives it. Default: what `open` was given, else none.
   */
  readonly memoryOnOom?: number | undefined;
  /** First wait before another attempt, doubled each time up to a minute, in milliseconds. Default 1,000. */
  readonly backoff?: number | undefined;
  /** Longest run of one task, in milliseconds. Default: the `taskTimeout` that `open` was given, else none. */
  readonly timeout?: number | undefined;
  /**
   * What a task takes, as far as you know, in milliseconds. Work of known size is cut into fewer and larger pieces: on S3
   * that saves about half of the requests of a short job. A wrong estimate costs requests, never results. Default: unknown,
   * so the first tasks show it.
   */
  readonly estimate?: number | undefined;
  /** Tasks in flight per slot, for tasks that wait more than they compute. Default 1. */
  readonly concurrency?: number | undefined;
  /** Milliseconds between asking a running task to stop and stopping it. Default 5,000. */
  readonly grace?: number | undefined;
  /**
   * Most bytes of output that are kept of one attempt of a task: stdout, stderr and `ctx.log` together. What is above is dropped, and
   * its log says how much. Default 104,857,600 (100 MiB).
   */
  readonly logLimit?: number | undefined;
  /** Cancels the submission. */
  readonly signal?: AbortSignal | undefined;
}

export type LinesOptions = MapOptions;

export interface SubmitAllOptions extends Omit<MapOptions, "ordered">, SubmitterIdentity {
  /** More inputs may be added by `add`, by whoever, until the session is ended. Default false. */
  readonly open?: boolean | undefined;
}

export interface Mapped<T> extends AsyncIterable<Outcome<T>> {
  /**
   * The values in input order.
   *
   * @throws {AggregateError} when tasks failed: its message names their indexes, its `errors` are theirs.
   */
  values(): Promise<T[]>;
}

export interface TaskHandle<T> {
  /** Resolves with the outcome, whatever it is. */
  outcome(): Promise<Outcome<T>>;
  /** Resolves with the value; rejects with the task's error. */
  value(): Promise<T>;
}

export type { Succeeded };
