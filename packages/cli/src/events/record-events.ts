import { attachSession } from "@skyburst/core";
import type { AttachedSession, EventReading, StateStore } from "@skyburst/core";
import { systemRuntime } from "@skyburst/core/protocol";
import { tell } from "../output/tell.ts";
import { LineFile } from "./line-file.ts";

/**
 * Appends what happens in a session to a file, as lines of JSON, while somebody works in it. Whatever fails here is said in one
 * line, and the work goes on: a record is not worth a job.
 */
export class EventRecord {
  readonly #store: StateStore;
  readonly #path: string | undefined;
  readonly #stop = new AbortController();
  #recording: Promise<void> | undefined;

  /** @param path undefined: nothing is recorded. */
  constructor(store: StateStore, path: string | undefined) {
    this.#store = store;
    this.#path = path;
  }

  begin(session: string): void {
    if (this.#path !== undefined) this.#recording ??= this.#record(session, this.#path);
  }

  /** What happened up to now is told, too. `patience`: milliseconds that the session's workers have for their last words. */
  async end(patience = 0): Promise<void> {
    if (!this.#recording) return;
    const done = new AbortController();
    await Promise.race([this.#recording, systemRuntime.sleep(patience, done.signal)]);
    done.abort();
    this.#stop.abort();
    await this.#recording;
  }

  async #record(id: string, path: string): Promise<void> {
    let file: LineFile | undefined;
    try {
      file = await LineFile.open(path);
      const session = await attachSession(this.#store, id);
      const reading = session.events({ wait: true, signal: this.#stop.signal });
      await this.#follow(reading, file);
      await this.#finish(session, reading, file);
    } catch (error) {
      await tell(`events are recorded no more in ${path}, and the session goes on: ${messageOf(error)}`);
    }
    await file?.close().catch(() => undefined);
  }

  /** Until the session is over, or nobody waits any more. Why it goes on no more, as when it is paused, its own command says. */
  async #follow(reading: EventReading, file: LineFile): Promise<void> {
    try {
      await copy(reading, file);
    } catch (error) {
      if (!this.#stop.signal.aborted && !isOfSession(error)) throw error;
    }
  }

  /** What came since the last look. Nothing more is told of a session that was removed. */
  async #finish(session: AttachedSession, { cursor }: EventReading, file: LineFile): Promise<void> {
    try {
      await copy(session.events({ from: cursor }), file);
    } catch (error) {
      if (!isOfSession(error)) throw error;
    }
  }
}

async function copy(reading: EventReading, file: LineFile): Promise<void> {
  for await (const event of reading) await file.add(JSON.stringify(event));
  await file.written();
}

/** Core says so of a session that nobody can follow any more. */
function isOfSession(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "paused" || code === "workers" || code === "session";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
