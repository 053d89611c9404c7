import type { Backend } from "@skyburst/core";
import { findEngine } from "./address.ts";
import { Engine } from "./engine.ts";
import { DockerBackendError } from "./errors.ts";
import { Findings } from "./findings.ts";
import { isId, MANAGED } from "./label.ts";
import { launch } from "./launch.ts";
import { settings as settingsOf } from "./options.ts";
import type { DockerOptions } from "./options.ts";
import { roomOn } from "./room.ts";
import { refuseSize, refuseSpec, roomFor, SPEC_FIELDS, workerOf } from "./spec.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { WorkerVolumes } from "./volume.ts";
import { teardown } from "./teardown.ts";
import { watchWorkers } from "./watch.ts";
import { Workers } from "./workers.ts";

/** Milliseconds that a worker has between SIGTERM and SIGKILL. */
const defaultGrace = 10_000;

/**
 * Workers as containers of any image, on a Docker Engine, or on Podman. They run on when the process that launched them ends, and any
 * other one that can ask the engine finds and stops them.
 *
 * @throws {DockerBackendError} `option`: an option's value can't be used, or there is no such context.
 */
export function docker(options: DockerOptions = {}): Backend {
  const settings = settingsOf(options);
  const engine = new Engine(findEngine(options));
  const workers = new Workers(engine);
  const volumes = new WorkerVolumes(engine, settings);
  const findings = new Findings();
  const closing = new AbortController();
  const enter = (signal: AbortSignal | undefined) => {
    if (closing.signal.aborted)
      throw new DockerBackendError("closed", "This docker backend was closed: make another with docker().");
    signal?.throwIfAborted();
  };

  return {
    name: "docker",
    capabilities: {
      spec: SPEC_FIELDS,
      maxWorkers: settings.maxWorkers,
      slots: settings.slots,
      memory: settings.memory,
      token: true,
      sharesFileSystem: false,
      spot: false,
      secrets: true,
      startup: 1000,
      startTimeout: 300_000,
    },

    async launch(request, { signal, progress } = {}) {
      enter(signal);
      return await launch(request, { engine, settings, volumes, workers, findings }, { signal, progress });
    },

    async list(sessionId, { signal } = {}) {
      enter(signal);
      return await unlessAborted(workers.list(sessionId), signal);
    },

    async stop(ids, { signal, grace = defaultGrace } = {}) {
      enter(signal);
      const stopping = [...new Set(ids)].filter(isId).map((id) => workers.stop(id, grace));
      await unlessAborted(Promise.all(stopping), signal);
    },

    async *watch(sessionId, { signal } = {}) {
      enter(signal);
      const end = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      yield* watchWorkers(engine, workers, sessionId, end);
      signal?.throwIfAborted();
    },

    async sessions({ signal } = {}) {
      enter(signal);
      const running = await unlessAborted(workers.labels(MANAGED, true), signal);
      const stores = new Map(running.map(({ sessionId, storeId }) => [sessionId, storeId]));
      return [...stores].map(([sessionId, storeId]) => ({ sessionId, ...(storeId === undefined ? {} : { storeId }) }));
    },

    /** By what containers of the engine, anybody's, were promised of its machine. */
    async capacity(spec, { signal } = {}) {
      enter(signal);
      if (refuseSpec(spec)) return 0;
      const worker = workerOf(spec, settings);
      const asked = Promise.all([roomOn(engine, worker), workers.labels(MANAGED, true)]);
      const [room, living] = await unlessAborted(asked, signal);
      if (refuseSize(worker, room)) return 0;
      return Math.max(0, Math.min(settings.maxWorkers - living.length, roomFor(worker, room)));
    },

    /** The engine's machine, whole. */
    async largest({ signal } = {}) {
      enter(signal);
      const { cpu, memory } = await unlessAborted(roomOn(engine, {}), signal);
      return { cpu, memory };
    },

    async rate() {
      return { amount: 0, currency: "USD", unit: "hour", source: "nobody bills the time of this engine" };
    },

    /** At most the last 64 KiB. */
    async logs(worker, { signal } = {}) {
      enter(signal);
      return isId(worker) ? await unlessAborted(workers.logs(worker), signal) : "";
    },

    /** Containers and volumes; images that were pulled stay. */
    async teardown(request = {}) {
      enter(request.signal);
      if (request.dryRun !== true) findings.forget();
      return await teardown(engine, workers, request);
    },

    async close() {
      closing.abort();
    },
  };
}
