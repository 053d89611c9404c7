import { ownCosts } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import { jsonBody } from "../protocol/lines.ts";
import { createSession } from "./create-session.ts";
import { insideWorker } from "./inside-worker.ts";
import { joinSession } from "./join-session.ts";
import { checkOpenOptions } from "./open-options.ts";
import type { OpenOptions } from "./open-options.ts";
import { checkKeepsSecrets, secretNames, secretsOf } from "./secrets.ts";
import { sessionSerializer } from "./session-serializer.ts";
import type { Session } from "./session.ts";
import { checkLimits } from "./worker-rate.ts";
import { workingSession } from "./working-session.ts";

/**
 * Opens a new session, or joins one that is there.
 *
 * ```ts
 * await using session = await open({ backend: local(), store: directory(".skyburst"), workers: 4 });
 * ```
 *
 * @throws {SkyburstError} `inside-worker` when a worker loads a module that calls it; `option`; `session` when the one that was named is
 * not there, not clear, cancelled or removed.
 */
export async function open(options: OpenOptions): Promise<Session> {
  if (Symbol.for("skyburst.worker") in globalThis) throw insideWorker();
  checkOpenOptions(options);
  sessionSerializer(options.serializer);
  return options.session === undefined ? opened(options) : joined(options, options.session);
}

async function opened(options: OpenOptions): Promise<Session> {
  const { backend, store, spec = {}, budget, warnAt, maxRate } = options;
  checkKeepsSecrets(backend, secretNames(options.secrets));
  await checkLimits(ownCosts(store, backend, options.costs), spec, {
    ...(budget ? { budget } : {}),
    ...(warnAt ? { warnAt } : {}),
    ...(maxRate ? { maxRate } : {}),
  });
  const place = await createSession(options);
  if (options.supervise === false) return workingSession(place, options);
  const { facts, keys, client } = place;
  await facts.create(keys.supervisor(1), jsonBody({ v: 1, owner: client }));
  return workingSession(place, options, 1);
}

async function joined(options: OpenOptions, called: string): Promise<Session> {
  const place = await joinSession(options.store, called, options.runtime);
  if (place.view.current.cancelled)
    throw new SkyburstError(
      "session",
      `Session ${place.id} was cancelled: nothing can be submitted to it. Open a new one.`,
    );
  // Who starts no workers needs none of their secrets.
  if (options.supervise === false) return workingSession(place, options);
  const { secrets: names } = place.view.current.session;
  checkKeepsSecrets(options.backend, names);
  return workingSession(place, { ...options, secrets: secretsOf(place.id, names, options.secrets) });
}
