import { createHash } from "node:crypto";
import type { Backend } from "../backend.ts";
import { ownCosts } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import { blobParts } from "../serializer/index.ts";
import { Shared } from "../shared.ts";
import { clientClaimer } from "./client-claimer.ts";
import type { OutcomeLines } from "./collector.ts";
import { decodeOutcomes } from "./decode-outcome.ts";
import { feedOf, inputStore } from "./feed.ts";
import type { Feed } from "./feed.ts";
import { Heartbeat } from "./heartbeat.ts";
import { mapped, taskHandle } from "./mapped.ts";
import type { OpenOptions } from "./open-options.ts";
import type { Place } from "./place.ts";
import { workerProgram } from "./program.ts";
import { taskResolver } from "./resolve-task.ts";
import type { TaskSource } from "./resolve-task.ts";
import { runOptions } from "./run-options.ts";
import { Running } from "./running.ts";
import { sessionSerializer } from "./session-serializer.ts";
import type { MapOptions, Session } from "./session.ts";
import { readStatus } from "./status.ts";
import { runSubmission } from "./submission.ts";
import { Supervisor } from "./supervisor.ts";
import { readUsage } from "./usage.ts";

/**
 * A session as a client works in it: with workers, a heartbeat, and submissions of its own. `epoch`: the supervisor's lease that it
 * holds, as who began the session does; others wait until they may have it.
 */
export function workingSession(place: Place, options: OpenOptions, epoch?: number): Session {
  const { id, facts, keys, runtime, view, client } = place;
  const { backend, store, workers = 1, spec = {} } = options;
  const serializer = sessionSerializer(options.serializer);
  const costs = options.costs ?? ownCosts(store, backend);
  const slots = spec.slots ?? slotsPerWorker(backend, workers);
  const supervisor = new Supervisor({
    facts,
    keys,
    runtime,
    view,
    backend,
    spec: { ...spec, slots },
    workers,
    session: id,
    client,
    program: workerProgram(store),
    costs,
    epoch,
  });
  const heartbeat = new Heartbeat(facts, runtime, keys.worker(client), view.current.session.ttl);
  const closing = new AbortController();
  const running = new Running<OutcomeLines>(closing.signal);
  let ended: Promise<void> | undefined;
  let submissions = 0;
  let detached = false;
  const host = {
    facts,
    keys,
    runtime,
    view,
    supervisor,
    slots: Math.min(workers, backend.capabilities.maxWorkers) * slots,
    signal: closing.signal,
    claimer: clientClaimer(facts, keys, view, client),
    detached: () => detached,
    resolve: taskResolver({ facts, keys, runtime, signal: closing.signal, serializer: serializer.reference }),
  };

  const lines = (source: TaskSource | Function, feed: Feed, mapOptions: MapOptions = {}, ordered?: boolean) => {
    const submission = `${client.slice("client.".length)}-${submissions++}`;
    return running.track(runSubmission(host, submission, source, feed, runOptions(mapOptions, ordered)));
  };

  const outcomes = async function* <T>(
    fn: Function,
    feed: Feed,
    mapOptions: MapOptions | undefined,
    ordered?: boolean,
  ) {
    if (typeof fn !== "function") throw new SkyburstError("task", `The task is ${shown(fn)}, not a function.`);
    for await (const part of lines(fn, feed, mapOptions, ordered)) yield* decodeOutcomes<T>(facts, serializer, part);
  };

  const end = (how: () => Promise<void>) =>
    (ended ??= (async () => {
      closing.abort(new SkyburstError("closed", `Session ${id} was closed.`));
      await running.end();
      await Promise.all([heartbeat.stop(), how()]);
    })());

  return {
    id,
    map: (task, inputs, mapOptions) =>
      mapped((ordered) =>
        outcomes(task, feedOf(inputs, serializer, inputStore(facts, keys), runtime), mapOptions, ordered),
      ),
    submit: (task, input, mapOptions) =>
      taskHandle(() => outcomes(task, feedOf([input], serializer, inputStore(facts, keys), runtime), mapOptions)),
    async share<T>(value: T) {
      const body = Buffer.concat(blobParts(serializer.encode(value)));
      const sha256 = createHash("sha256").update(body).digest("hex");
      await facts.create(keys.inputBlob(sha256), body);
      return new Shared<T>(sha256, body.length);
    },
    lines: (source, feed, mapOptions) => lines(source, feed, mapOptions),
    status: () => readStatus(facts, keys, view),
    usage: () => readUsage(facts, keys, client, costs),
    detach() {
      detached ||= ended === undefined;
      return end(() => supervisor.leave());
    },
    close: () => end(() => supervisor.stop()),
    [Symbol.asyncDispose]: () => end(() => supervisor.stop()),
  };
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object" : (JSON.stringify(value) ?? String(value));
}

/** Workers on this machine share its processors; elsewhere each has its own. */
function slotsPerWorker({ capabilities }: Backend, workers: number): number {
  const planned = Math.min(workers, capabilities.maxWorkers);
  return capabilities.sharesFileSystem ? Math.max(1, Math.floor(capabilities.slots / planned)) : capabilities.slots;
}
