import { createHash } from "node:crypto";
import type { Backend, WorkerSpec } from "../backend.ts";
import { ownCosts } from "../costs.ts";
import type { CostEstimator } from "../costs.ts";
import { SkyburstError } from "../errors.ts";
import { facts as factsOf } from "../protocol/facts.ts";
import { indexKey, sessionKeys } from "../protocol/keys.ts";
import { jsonBody } from "../protocol/lines.ts";
import { appendEntry } from "../protocol/read-ledger.ts";
import { randomText, systemRuntime } from "../runtime.ts";
import type { Runtime } from "../runtime.ts";
import { blobParts } from "../serializer/index.ts";
import type { Serializer } from "../serializer/index.ts";
import { Shared } from "../shared.ts";
import type { StateStore } from "../store.ts";
import { clientClaimer } from "./client-claimer.ts";
import { decodeOutcomes } from "./decode-outcome.ts";
import { feedOf, inputStore } from "./feed.ts";
import type { Feed } from "./feed.ts";
import type { OutcomeLines } from "./collector.ts";
import { Heartbeat } from "./heartbeat.ts";
import { insideWorker } from "./inside-worker.ts";
import { LedgerView } from "./ledger-view.ts";
import { mapped, taskHandle } from "./mapped.ts";
import { sessionId } from "./session-id.ts";
import { sessionSerializer } from "./session-serializer.ts";
import type { MapOptions, Session } from "./session.ts";
import { readStatus } from "./status.ts";
import { runSubmission } from "./submission.ts";
import type { RunOptions } from "./submission.ts";
import { taskResolver } from "./resolve-task.ts";
import type { TaskSource } from "./resolve-task.ts";
import { Supervisor } from "./supervisor.ts";
import { workerProgram } from "./program.ts";
import { readUsage } from "./usage.ts";

export interface OpenOptions {
  /** Where workers run. Borrowed: it is not closed with the session. */
  readonly backend: Backend;
  /** Where every fact of the job lives. Borrowed. */
  readonly store: StateStore;
  /** How inputs, results and shared values travel. Default: {@link serializer}. Another one needs a `reference`. */
  readonly serializer?: Serializer | undefined;
  /** What things cost. Default: what backend and store say of themselves. */
  readonly costs?: CostEstimator | undefined;
  /** Workers at a time. Default 1. */
  readonly workers?: number | undefined;
  /** What a worker is made of. `slots`, the tasks that it runs at a time: default its processors; on this machine, its share of them. */
  readonly spec?: WorkerSpec | undefined;
  /** Shown by `skyburst ls`. Need not be unique: the newest wins. */
  readonly name?: string | undefined;
  /** Age at which any client may sweep the session from its store, once nobody lives in it, in milliseconds. Default: never. */
  readonly expires?: number | undefined;
  /** How long workers stay when nothing is left to do, in milliseconds. Default 10,000. */
  readonly linger?: number | undefined;
  /** Work per commit, in milliseconds. Default: what the store suggests. */
  readonly commitInterval?: number | undefined;
  /** Age at which a silent worker's lease may be taken over, in milliseconds, at least 1,000. Default: the store's. */
  readonly ttl?: number | undefined;
  /** Time and chance; for simulations. */
  readonly runtime?: Runtime | undefined;
}

/** Worker deaths in a row, without a success between, that pause a session: each of its tasks kills. */
const crashBudget = 20;

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
  refuseInsideWorker();
  check(options);
  const { backend, store, runtime = systemRuntime, workers = 1, spec = {} } = options;
  const serializer = sessionSerializer(options.serializer);
  const costs = options.costs ?? ownCosts(store, backend);
  const facts = factsOf(store, runtime);
  const created = await facts.now();
  const id = sessionId(created, runtime);
  const keys = sessionKeys(id);
  const client = `client.${randomText(runtime, 8)}`;
  const { pace } = store;
  const ttl = options.ttl ?? pace.ttl;
  const name = options.name === undefined ? {} : { name: options.name };
  await facts.create(
    indexKey(id),
    jsonBody({
      v: 1,
      created,
      ...name,
      ...(options.expires === undefined ? {} : { expires: created + options.expires }),
    }),
  );
  const create = {
    op: "create" as const,
    created,
    ...name,
    ttl,
    commitInterval: options.commitInterval ?? pace.commitInterval,
    linger: options.linger ?? 10_000,
    crashBudget,
  };
  const { ledger } = await appendEntry(facts, keys, undefined, { actor: client, ordinal: 0, operations: [create] });
  await facts.create(keys.supervisor(1), jsonBody({ v: 1, owner: client }));
  const view = new LedgerView(facts, keys, ledger);
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
  });
  const heartbeat = new Heartbeat(facts, runtime, keys.worker(client), ttl);
  const claimer = clientClaimer(facts, keys, view, client);
  const closing = new AbortController();
  const resolve = taskResolver({ facts, keys, runtime, signal: closing.signal, serializer: serializer.reference });
  const running = new Set<AsyncGenerator<OutcomeLines, true | undefined>>();
  let ended: Promise<void> | undefined;
  let submissions = 0;
  let detached = false;

  const lines = (source: TaskSource | Function, feed: Feed, mapOptions: MapOptions = {}, ordered?: boolean) => {
    const host = {
      facts,
      keys,
      runtime,
      view,
      supervisor,
      slots: Math.min(workers, backend.capabilities.maxWorkers) * slots,
      signal: closing.signal,
      claimer,
      detached: () => detached,
      resolve,
    };
    const submission = `${client.slice("client.".length)}-${submissions++}`;
    return track(
      running,
      runSubmission(host, submission, source, feed, runOptions(mapOptions, ordered)),
      closing.signal,
    );
  };

  const end = (how: () => Promise<void>) =>
    (ended ??= (async () => {
      closing.abort(new SkyburstError("closed", `Session ${id} was closed.`));
      await Promise.allSettled([...running].map((lines) => lines.return(undefined)));
      await Promise.all([heartbeat.stop(), how()]);
    })());

  const outcomes = async function* <T>(
    fn: Function,
    feed: Feed,
    mapOptions: MapOptions | undefined,
    ordered?: boolean,
  ) {
    if (typeof fn !== "function") throw new SkyburstError("task", `The task is ${shown(fn)}, not a function.`);
    for await (const part of lines(fn, feed, mapOptions, ordered)) yield* decodeOutcomes<T>(facts, serializer, part);
  };

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

/** What keys have digits for. */
const mostAttempts = 99;

function runOptions(options: MapOptions, ordered?: boolean): RunOptions {
  const { retries = 0, backoff = 1000, timeout, estimate, concurrency = 1, grace = 5000, signal } = options;
  for (const [name, value, least] of [
    ["backoff", backoff, 0],
    ["timeout", timeout, 1],
    ["estimate", estimate, 0],
    ["grace", grace, 0],
  ] as const) {
    if (value === undefined || (Number.isFinite(value) && value >= least)) continue;
    throw new SkyburstError("option", `${name} is ${value}; it has to be a number of at least ${least}.`);
  }
  for (const [name, value, least, most] of [
    ["retries", retries, 0, mostAttempts - 1],
    ["concurrency", concurrency, 1, 1000],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new SkyburstError("option", `${name} is ${value}; it has to be a whole number from ${least} to ${most}.`);
  }
  return {
    retries,
    backoff,
    concurrency,
    grace,
    signal,
    ordered: ordered ?? options.ordered ?? false,
    ...(timeout === undefined ? {} : { timeout }),
    ...(estimate === undefined ? {} : { estimate }),
  };
}

/** Workers on this machine share its processors; elsewhere each has its own. */
function slotsPerWorker({ capabilities }: Backend, workers: number): number {
  const planned = Math.min(workers, capabilities.maxWorkers);
  return capabilities.sharesFileSystem ? Math.max(1, Math.floor(capabilities.slots / planned)) : capabilities.slots;
}

function check({ workers, ttl, commitInterval, linger }: OpenOptions): void {
  if (workers !== undefined && (!Number.isInteger(workers) || workers < 1))
    throw new SkyburstError("option", `workers is ${workers}; it has to be a whole number of at least 1.`);
  if (ttl !== undefined && !(ttl >= 1000))
    throw new SkyburstError("option", `ttl is ${ttl} ms; it has to be at least 1000.`);
  if (commitInterval !== undefined && !(commitInterval > 0))
    throw new SkyburstError("option", `commitInterval is ${commitInterval} ms; it has to be more than 0.`);
  if (linger !== undefined && !(linger >= 0))
    throw new SkyburstError("option", `linger is ${linger} ms; it can't be negative.`);
}

function refuseInsideWorker(): void {
  if (Symbol.for("skyburst.worker") in globalThis) throw insideWorker();
}

/** Remembers what runs, so that closing can end it, even what its consumer has left in the middle. */
function track<T>(
  running: Set<AsyncGenerator<T, true | undefined>>,
  generator: AsyncGenerator<T, true | undefined>,
  closed: AbortSignal,
): AsyncGenerator<T> {
  running.add(generator);
  return followedBy(generator, closed, () => running.delete(generator));
}

async function* followedBy<T>(
  generator: AsyncGenerator<T, true | undefined>,
  closed: AbortSignal,
  end: () => void,
): AsyncGenerator<T> {
  try {
    const whole = yield* generator;
    // Closed while its consumer was busy: to a loop that comes back for more, that must not look like the last outcome.
    if (!whole) closed.throwIfAborted();
  } finally {
    end();
  }
}
