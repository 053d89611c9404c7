import type { Facts, LogId, Runtime, SessionKeys } from "@skyburst/core/protocol";
import type { Mask } from "../secrets/mask.ts";
import { followedPace, followerLook } from "../pace.ts";
import { AttemptLog } from "./attempt-log.ts";
import type { LogHost } from "./attempt-log.ts";
import { Followers } from "./followers.ts";
import { LogRoom } from "./log-room.ts";

export interface LogWriterOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  /** What must not be seen. Default: nothing. */
  readonly mask?: Mask | undefined;
  /** Age at which a follower's hint is none any more, in milliseconds. */
  ttl(): number;
  /** The store's clock. */
  storeNow(): number;
  /** A log can't be stored. */
  failed(error: unknown): void;
}

/**
 * Writes what the tasks of a worker print while they run: soon when somebody follows, else seldom. It asks for followers, and is
 * awake, only while something is not written: a worker whose tasks are silent does neither.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #host: LogHost;
  readonly #followers: Followers;
  readonly #logs = new Set<AttemptLog>();
  /** Monotonic time of the next round. */
  #at = Number.POSITIVE_INFINITY;
  #cancel: () => void = ignore;
  #inRound = false;
  #crowded = false;
  #closed = false;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    const { facts, keys, runtime, mask, failed } = options;
    const followed = followedPace(facts.store.pace);
    this.#followers = new Followers({ ...options, interval: followerLook(facts.store.pace) });
    this.#host = {
      facts,
      keys,
      room: new LogRoom(),
      mask,
      followed,
      monotonic: () => runtime.monotonic(),
      waits: () => this.#ringBy(runtime.monotonic() + followed.gather),
      crowded: () => {
        this.#crowded = true;
        this.#ringBy(runtime.monotonic());
      },
      failed,
    };
  }

  /** @param task Index in the session. @param limit Bytes that are kept. */
  open(id: LogId, task: number, limit: number): AttemptLog {
    const log = new AttemptLog(this.#host, id, task, limit);
    this.#logs.add(log);
    return log;
  }

  /** Ends a log, as {@link AttemptLog.end} does, and forgets it. */
  end(log: AttemptLog, room: number): ReturnType<AttemptLog["end"]> {
    this.#logs.delete(log);
    return log.end(room);
  }

  /** Writes nothing more by itself. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #ringBy(at: number): void {
    if (this.#closed || at >= this.#at) return;
    this.#at = at;
    if (this.#inRound) return;
    this.#cancel();
    const { runtime, failed } = this.#options;
    this.#cancel = runtime.timer(Math.max(0, at - runtime.monotonic()), () => void this.#round().catch(failed));
  }

  /** What becomes due while a round asks the store is dealt with in the next one. */
  async #round(): Promise<void> {
    const { runtime } = this.#options;
    this.#inRound = true;
    this.#at = Number.POSITIVE_INFINITY;
    try {
      if (this.#crowded) this.#makeRoom();
      await this.#followers.look();
      this.#ringBy(Math.max(this.#write(), runtime.monotonic() + this.#host.followed.gather));
    } finally {
      this.#inRound = false;
    }
    const at = this.#at;
    this.#at = Number.POSITIVE_INFINITY;
    this.#ringBy(at);
  }

  /** Writes what is due. Returns when there is something to do again. */
  #write(): number {
    const now = this.#options.runtime.monotonic();
    let next = Number.POSITIVE_INFINITY;
    for (const log of this.#logs) {
      const due = log.due(this.#followers.want(log.task));
      if (due <= now) log.write();
      // Somebody may come to follow it before it is due.
      else if (due < Number.POSITIVE_INFINITY) next = Math.min(next, due, this.#followers.next);
    }
    return next;
  }

  /** The largest first: a few objects make room for many small logs. */
  #makeRoom(): void {
    this.#crowded = false;
    const logs = [...this.#logs].sort((one, other) => other.pending - one.pending);
    for (const log of logs.slice(0, Math.ceil(logs.length / 2))) log.write();
  }
}

function ignore(): void {
  // Nothing is to ring.
}
