import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { WorkerStatus } from "@skyburst/core";
import type { Engine } from "./engine.ts";
import { MANAGED, SESSION } from "./label.ts";
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
  for await (const _ of changes(engine, sessionId, end)) {
    const found = (await workers.list(sessionId)).filter(({ id }) => !taken.has(id));
    const state = JSON.stringify(found);
    if (state !== told) {
      told = state;
      yield found;
      for (const { id } of found.filter(({ state }) => state === "exited")) {
        taken.add(id);
        left.add(id);
      }
    }
    for (const id of left) if (await workers.remove(id)) left.delete(id);
    if (end.aborted) return;
  }
}

/** Yields at once, and whenever something may have changed. */
async function* changes(engine: Engine, sessionId: string, end: AbortSignal): AsyncGenerator<void> {
  let since: number | undefined;
  let lostAt: number | undefined;
  while (!end.aborted) {
    try {
      const { client, at } = await engine.ask(async (client) => ({ client, at: await engineTime(client) }));
      const from = since ?? at;
      const stream = await client.getEvents({
        since: Math.floor(from),
        filters: {
          type: ["container"],
          event: ["die", "oom", "start", "destroy"],
          label: [MANAGED, `${SESSION}=${sessionId}`],
        },
        abortSignal: end,
      });
      const events = stream as IncomingMessage;
      // That it ended too early is seen by its end.
      events.on("error", ignore);
      lostAt = undefined;
      try {
        // Behind the beginning of the stream: what ends from now on is told by it.
        yield;
        for await (const line of createInterface({ input: events })) {
          const { time } = JSON.parse(line) as { readonly time?: number };
          since = time ?? since;
          yield;
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

/** Seconds since the epoch, on the engine's clock. */
async function engineTime(client: { info(): Promise<{ SystemTime?: string }> }): Promise<number> {
  const { SystemTime } = await client.info();
  return Date.parse(SystemTime ?? "") / 1000 || Date.now() / 1000;
}

function ignore(): void {
  // The stream is opened again.
}
