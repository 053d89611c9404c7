import type { IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { WorkerStatus } from "@skyburst/core";
import type { Engine } from "./engine.ts";
import { MANAGED, SESSION, WORKER } from "./label.ts";
import type { Workers } from "./workers.ts";

/** Longest time that an engine may be away before watching gives up, and wait between two tries, in milliseconds. */
const patience = 300_000;
const retry = 500;

/**
 * The workers of a session at first, and after every event of one of them. What ended is removed once who watches has come back for
 * more: then its end, its code and its logs were taken. An engine that was restarted is asked for what happened since.
 */
export async function* watchWorkers(
  engine: Engine,
  workers: Workers,
  sessionId: string,
  end: AbortSignal,
): AsyncGenerator<readonly WorkerStatus[], void, undefined> {
  let told = "";
  /** Their end was taken. */
  const taken = new Set<string>();
  /** Of these, what is still there: an engine that is busy may take some tries to remove it. */
  const left = new Set<string>();
  for await (const ended of changes(engine, sessionId, end)) {
    const found = (await workers.list(sessionId, ended)).filter(({ id }) => !taken.has(id));
    const state = JSON.stringify(found);
    if (state !== told) {
      told = state;
      yield found;
      for (const { id } of found.filter(({ state }) => state === "exited")) {
        taken.add(id);
        left.add(id);
      }
    }
    await Promise.all([...left].map(async (id) => (await workers.remove(id)) && left.delete(id)));
    if (end.aborted) return;
  }
}

/**
 * Yields at once, and whenever something may have changed, once for all that came while nobody looked: which workers are said to have
 * ended.
 */
async function* changes(engine: Engine, sessionId: string, end: AbortSignal): AsyncGenerator<ReadonlySet<string>> {
  let since = Math.floor(Date.now() / 1000) - before;
  let lostAt: number | undefined;
  while (!end.aborted) {
    try {
      const stream = await engine.ask((client) =>
        client.getEvents({
          since,
          filters: {
            type: ["container"],
            event: ["die", "oom", "start", "destroy"],
            label: [MANAGED, `${SESSION}=${sessionId}`],
          },
          abortSignal: end,
        }),
      );
      const events = stream as IncomingMessage;
      // That it ended too early is seen by its end.
      events.on("error", ignore);
      lostAt = undefined;
      try {
        // Behind the beginning of the stream: what ends from now on is told by it.
        yield new Set();
        const lines = new Lines();
        for await (const chunk of events) {
          const told = lines.take(chunk as Buffer).map((line) => JSON.parse(line) as EngineEvent);
          since = told.at(-1)?.time ?? since;
          const ended = told.filter(({ Action }) => Action === "die");
          yield new Set(ended.flatMap(({ Actor }) => Actor?.Attributes?.[WORKER] ?? []));
        }
      } finally {
        // Left open, it would keep the process alive.
        events.destroy();
      }
    } catch (error) {
      if (end.aborted) return;
      lostAt ??= performance.now();
      if (performance.now() - lostAt > patience) throw error;
    }
    await pause(retry, undefined, { signal: end }).catch(() => undefined);
  }
}

/**
 * Seconds before now from which events are asked for at first: none is to fall between the beginning of the stream and the first look, and
 * the engine has a clock of its own. Of an event that is told a second time nothing comes but a look.
 */
const before = 3600;

interface EngineEvent {
  readonly Action?: string;
  readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> };
  /** Seconds since the epoch, on the engine's clock. */
  readonly time?: number;
}

/** Of what comes in pieces, the lines that are whole. */
class Lines {
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): string[] {
    const all = Buffer.concat([this.#rest, chunk]);
    const end = all.lastIndexOf(10) + 1;
    this.#rest = all.subarray(end);
    return all
      .subarray(0, end)
      .toString()
      .split("\n")
      .filter((line) => line.trim() !== "");
  }
}

function ignore(): void {
  // The stream is opened again.
}
