import type { CommitLog, Facts, LogChannel, LogId, SessionKeys } from "@skyburst/core/protocol";

/** What an attempt printed and no log object holds yet is kept up to here; above, it is written out whoever reads. */
const bufferLimit = 1_048_576;

/** Up to here what was not written out rides in the commit. */
const rideLimit = 65_536;

/** Waits between two writes while a task runs and nobody follows, in milliseconds: 1, 2, 4 … 30 s. */
const firstWait = 1000;
const longestWait = 30_000;

/**
 * The log of one attempt: frames of channel, length and bytes. Offsets count frame bytes. A silent attempt costs nothing,
 * a short log rides in the commit, and only what is long or followed becomes objects, closed by an end mark.
 */
export class AttemptLog {
  readonly #facts: Facts;
  readonly #keys: SessionKeys;
  readonly #id: LogId;
  #frames: Uint8Array[] = [];
  #pending = 0;
  /** Frame bytes in log objects. */
  #written = 0;
  #due: number;
  #wait = firstWait;
  #writing: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(facts: Facts, keys: SessionKeys, id: LogId, monotonic: number) {
    this.#facts = facts;
    this.#keys = keys;
    this.#id = id;
    this.#due = monotonic + firstWait;
  }

  get pending(): number {
    return this.#pending;
  }

  add(channel: LogChannel, bytes: Uint8Array): void {
    const head = new Uint8Array(5);
    head[0] = channel;
    new DataView(head.buffer).setUint32(1, bytes.length);
    this.#frames.push(head, bytes);
    this.#pending += head.length + bytes.length;
    if (this.#pending > bufferLimit) void this.#write();
  }

  /** Writes what is pending when its time has come, or at once when somebody follows. */
  async tick(monotonic: number, followed: boolean): Promise<void> {
    if (this.#ended || this.#pending === 0 || (!followed && monotonic < this.#due)) return;
    this.#wait = Math.min(this.#wait * 2, longestWait);
    this.#due = monotonic + this.#wait;
    await this.#write();
  }

  /** Called once, before the commit of the attempt's outcome: what the log refers to is there before the outcome is. `room`: bytes that may ride. */
  async end(room: number): Promise<{ readonly log: CommitLog; readonly bytes: Uint8Array } | undefined> {
    // What a tick wrote from here on would come behind the end mark, or behind the commit.
    this.#ended = true;
    if (this.#pending > Math.min(rideLimit, room)) void this.#write();
    await this.#writing;
    if (this.#written > 0) await this.#facts.create(this.#keys.logEnd(this.#id), empty);
    if (this.#pending === 0) return undefined;
    const { offset, attempt } = this.#id;
    const bytes = join(this.#frames, this.#pending);
    return { log: { offset, attempt, at: this.#written, bytes: bytes.length }, bytes };
  }

  #write(): Promise<void> {
    const bytes = join(this.#frames, this.#pending);
    const key = this.#keys.log(this.#id, this.#written);
    this.#frames = [];
    this.#pending = 0;
    this.#written += bytes.length;
    this.#writing = this.#writing.then(async () => {
      await this.#facts.create(key, bytes);
    });
    return this.#writing;
  }
}

const empty = new Uint8Array();

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
