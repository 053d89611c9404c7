import type { LaunchOptions, LaunchRequest, LaunchResult } from "@skyburst/core";
import type { Batch } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { imageOf, lookForImage, refuseName } from "./image.ts";
import { checkRequest, idOf, MANAGED } from "./label.ts";
import type { Settings } from "./options.ts";
import { roomOn } from "./room.ts";
import { refuseSize, refuseSpec, roomFor, workerOf } from "./spec.ts";
import type { RefusalReason } from "./spec.ts";
import { startWorkers } from "./start-workers.ts";
import type { StartParts } from "./start.ts";
import { readProgram } from "./worker-program.ts";

export interface LaunchParts extends StartParts {
  readonly settings: Settings;
}

/** @throws {DockerBackendError} `unavailable` and `permission` of the engine as a whole. */
export async function launch(
  request: LaunchRequest,
  parts: LaunchParts,
  options: LaunchOptions = {},
): Promise<LaunchResult> {
  checkRequest(request);
  if (request.slots.length === 0) return { started: [], refused: [] };
  const { engine, settings } = parts;
  const worker = workerOf(request.spec, settings);
  const unfit = refuseSpec(request.spec) ?? refuseName(worker.image) ?? refuseDirectories(request, engine);
  if (unfit) return refuseAll(request.slots, unfit);
  const program = readProgram(request.program);
  if ("kind" in program) return refuseAll(request.slots, program);
  // What is only looked for, at once: each answer is some milliseconds away.
  const [room, living, known] = await Promise.all([
    roomOn(engine, worker),
    parts.workers.labels(MANAGED, true),
    lookForImage(engine, worker.image, settings),
  ]);
  const tooLarge = refuseSize(worker, room);
  if (tooLarge) return refuseAll(request.slots, tooLarge);
  const image = await imageOf(engine, worker.image, worker.platform, settings, { ...options, known });
  if ("kind" in image) return refuseAll(request.slots, image);
  const volume = parts.volumes.volumeOf(request.program.sha256, image.platform);
  if ("kind" in volume) return refuseAll(request.slots, volume);
  const batch: Batch = { request, worker, image, volume, settings, isHere: engine.isHere };
  const there = request.slots.filter((slot) => living.some(({ id }) => id === idOf(request, slot)));
  const most = Math.min(settings.maxWorkers - living.length, roomFor(worker, room));
  const fresh = request.slots.filter((slot) => !there.includes(slot));
  const fitting = fresh.slice(0, Math.max(0, most));
  // Nothing was started by this launch, nor by an earlier call of it.
  if (there.length === 0) options.signal?.throwIfAborted();
  const work = { batch, engineId: room.engine, program: program.bytes };
  const results = await startWorkers(there, fitting, work, parts, options);
  if ("kind" in results) return refuseAll(request.slots, results);
  const beyond = refuseAll(fresh.slice(fitting.length), fullRefusal(living.length, settings));
  // Not in the way of a launch, and no reason for it to fail.
  parts.workers.tidy(Date.now()).catch(ignore);
  const started = results.filter((result) => "id" in result).sort((a, b) => a.slot - b.slot);
  return {
    started: started.map(({ slot, id }) => ({ slot, id })),
    refused: [...results.filter((result) => "kind" in result), ...beyond.refused],
  };
}

/** A directory of this machine is not there for an engine on another one. */
function refuseDirectories(
  { directories = [] }: LaunchRequest,
  { isHere, address }: Engine,
): RefusalReason | undefined {
  if (isHere || directories.length === 0) return undefined;
  return {
    kind: "option",
    message: `The store is the directory ${directories[0]} of this machine, and the Docker Engine at ${address.text} is on another: use a store on S3, or an engine here.`,
  };
}

function fullRefusal(living: number, { maxWorkers }: Settings): RefusalReason {
  return living >= maxWorkers
    ? {
        kind: "capacity",
        message: `${living} workers run already: allow more with docker({ maxWorkers }), or wait until one ends.`,
      }
    : {
        kind: "capacity",
        message:
          "The engine's machine has no room for another worker of this size: ask for less cpu or memory, or wait until one ends.",
      };
}

function refuseAll(slots: readonly number[], reason: RefusalReason): LaunchResult {
  return { started: [], refused: slots.map((slot) => ({ ...reason, slot })) };
}

function ignore(): void {
  // What can't be removed now is there at the next launch.
}
