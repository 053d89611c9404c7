import { jsonBody } from "../protocol/lines.ts";
import { createSession } from "./create-session.ts";
import { insideWorker } from "./inside-worker.ts";
import { checkOpenOptions } from "./open-options.ts";
import type { OpenOptions } from "./open-options.ts";
import { sessionSerializer } from "./session-serializer.ts";
import type { Session } from "./session.ts";
import { workingSession } from "./working-session.ts";

/**
 * Opens a new session.
 *
 * ```ts
 * await using session = await open({ backend: local(), store: directory(".skyburst"), workers: 4 });
 * ```
 *
 * @throws {SkyburstError} `inside-worker` when a worker loads a module that calls it; `option`.
 */
export async function open(options: OpenOptions): Promise<Session> {
  if (Symbol.for("skyburst.worker") in globalThis) throw insideWorker();
  checkOpenOptions(options);
  sessionSerializer(options.serializer);
  const place = await createSession(options);
  const { facts, keys, client } = place;
  await facts.create(keys.supervisor(1), jsonBody({ v: 1, owner: client }));
  return workingSession(place, options, 1);
}
