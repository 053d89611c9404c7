import { createHash } from "node:crypto";
import type { WorkerSpec } from "../backend.ts";
import { ownCosts } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import type { Ledger } from "../protocol/ledger.ts";
import type { MemoryGrowth } from "../protocol/budgets.ts";
import { blobParts } from "../serializer/index.ts";
import { Shared } from "../shared.ts";
import { Attendance } from "./collect/attendance.ts";
import type { Submitted } from "./attached.ts";
import { bystander } from "./supervise/bystander.ts";
import { clientClaimer } from "./steer/client-claimer.ts";
import type { OutcomeLines } from "./collect/collector.ts";
import { decodeOutcomes } from "./collect/decode-outcome.ts";
import { feedOf, inputStore } from "./submit/feed.ts";
import type { Feed } from "./submit/feed.ts";
import { Heartbeat } from "./heartbeat.ts";
import { mapped, taskHandle } from "./mapped.ts";
import { checkMemoryOnOom, limitedBy } from "./memory-on-oom.ts";
import type { OpenOptions } from "./open-options.ts";
import type { Place } from "./place.ts";
import { workerProgram } from "./program.ts";
import { taskResolver } from "./submit/resolve-task.ts";
import type { TaskSource } from "./submit/resolve-task.ts";
import { runOptions } from "./run-options.ts";
import { Running } from "./running.ts";
import { sessionSerializer } from "./session-serializer.ts";
import type { MapOptions, Session, SubmitAllOptions } from "./session.ts";
import { storeOperations } from "./store-operations.ts";
import { runSubmission } from "./submit/submission.ts";
import { submitAll } from "./submit/submit-all.ts";
import { slotsPerWorker } from "./slots-per-worker.ts";
import { persistently } from "./supervise/persistently.ts";
import { Supervisor } from "./supervise/supervisor.ts";

/**
 * A session as a client works in it: with workers, a heartbeat, and submissions of its own. `epoch`: the supervisor's lease that it
 * holds, as who began the session does; others wait until they may have it.
 */
export function workingSession(place: Place, options: OpenOptions, epoch?: number): Session {
  const { id, facts, keys, runtime, view, client } = place;
  const { backend, store } = options;
  const { workers, spec } = fleetOf(view.current, options);
  const serializer = sessionSerializer(options.serializer);
  const costs = ownCosts(store, backend, options.costs);
  const slots = spec.slots ?? slotsPerWorker(backend, workers);
  const supervisor =
    options.supervise === false
      ? bystander
      : new Supervisor({
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
          secrets: options.secrets,
          costs: options.costs,
          epoch,
        });
  const heartbeat = new Heartbeat({ facts, keys, runtime, client, view, fleet: () => supervisor.state });
  const closing = new AbortController();
  const running = new Running<OutcomeLines>(closing.signal);
  let ended: Promise<void> | undefined;
  const submitting = new Set<Promise<unknown>>();
  const attendance = options.supervise === false ? new Attendance(place, client) : undefined;
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
    attended: attendance && (() => attendance.check()),
    growth: (growth: MemoryGrowth) => persistently(runtime, closing.signal, () => limitedBy(growth, backend)),
    resolve: taskResolver({ facts, keys, runtime, signal: closing.signal, serializer: serializer.reference }),
  };

  const newSubmission = () => `${client.slice("client.".length)}-${submissions++}`;
  const defaults = { retries: options.retries, timeout: options.taskTimeout, memoryOnOom: options.memoryOnOom };
  const optionsOf = (given: MapOptions | undefined, ordered?: boolean) => {
    const run = runOptions(given, defaults, ordered);
    checkMemoryOnOom(run.memoryOnOom?.factor, backend, spec);
    return run;
  };

  const lines = (source: TaskSource | Function, feed: Feed, mapOptions?: MapOptions, ordered?: boolean) =>
    running.track(runSubmission(host, newSubmission(), source, feed, optionsOf(mapOptions, ordered)));

  const submitted = async (
    source: TaskSource | Function,
    feed: Feed,
    { id: own, open = false, ...mapOptions }: SubmitAllOptions = {},
  ): Promise<Submitted> => {
    const submission = submitAll(host, source, feed, {
      ...optionsOf(mapOptions),
      id: own ?? newSubmission(),
      named: own !== undefined,
      open,
    });
    submitting.add(submission);
    return submission.finally(() => submitting.delete(submission));
  };

  const feedFor = (inputs: Iterable<unknown> | AsyncIterable<unknown>, steady?: boolean) =>
    feedOf(inputs, serializer, inputStore(facts, keys), runtime, steady);

  const outcomes = async function* <T>(
    fn: Function,
    feed: Feed,
    mapOptions: MapOptions | undefined,
    ordered?: boolean,
  ) {
    checkFunction(fn);
    for await (const part of lines(fn, feed, mapOptions, ordered)) yield* decodeOutcomes<T>(facts, serializer, part);
  };

  const end = (how: () => Promise<void>) =>
    (ended ??= (async () => {
      closing.abort(new SkyburstError("closed", `Session ${id} was closed.`));
      await Promise.allSettled([running.end(), ...submitting]);
      await Promise.all([heartbeat.stop(), how()]);
    })());

  return {
    ...storeOperations({
      place,
      serializer,
      costs,
      failure: () => supervisor.failure,
      grown: () => supervisor.grown(),
    }),
    map: (task, inputs, mapOptions) => mapped((ordered) => outcomes(task, feedFor(inputs), mapOptions, ordered)),
    submit: (task, input, mapOptions) => taskHandle(() => outcomes(task, feedFor([input]), mapOptions)),
    async submitAll(task, inputs, submitOptions) {
      checkFunction(task);
      return submitted(task, feedFor(inputs, submitOptions?.id !== undefined), submitOptions);
    },
    async quote(task, inputs, quoteOptions) {
      checkFunction(task);
      // Loaded here: nobody else needs it, and it opens sessions itself.
      const { quoteSession } = await import("./quote/quote-session.ts");
      const from = { backend, store, costs: options.costs, spec, serializer, options };
      return quoteSession(from, task, inputs, quoteOptions);
    },
    async share<T>(value: T) {
      const body = Buffer.concat(blobParts(serializer.encode(value)));
      const sha256 = createHash("sha256").update(body).digest("hex");
      await facts.create(keys.inputBlob(sha256), body);
      return new Shared<T>(sha256, body.length);
    },
    lines: (source, feed, mapOptions) => lines(source, feed, mapOptions),
    submitLines: (source, feed, submitOptions) => submitted(source, feed, submitOptions),
    detach() {
      detached ||= ended === undefined;
      return end(() => supervisor.leave());
    },
    close: () => end(() => supervisor.stop()),
    [Symbol.asyncDispose]: () => end(() => supervisor.stop()),
  };
}

/** What was asked for here, else what the session was opened with. */
function fleetOf({ session: { fleet } }: Ledger, { workers, spec }: OpenOptions) {
  return { workers: workers ?? fleet?.workers ?? 1, spec: { ...(fleet?.spec as WorkerSpec | undefined), ...spec } };
}

function checkFunction(fn: unknown): void {
  if (typeof fn !== "function") throw new SkyburstError("task", `The task is ${shown(fn)}, not a function.`);
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object" : (JSON.stringify(value) ?? String(value));
}
