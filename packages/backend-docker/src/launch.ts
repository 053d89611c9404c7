import type { LaunchOptions, LaunchRequest, LaunchResult, Refusal } from "@skyburst/core";
import { createContainer, startContainer, wasStarted } from "./containers.ts";
import type { Batch } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { DockerBackendError, reasonOf, statusOf } from "./errors.ts";
import { imageOf } from "./image.ts";
import { checkRequest, idOf, MANAGED } from "./label.ts";
import type { Settings } from "./options.ts";
import { roomOn } from "./room.ts";
import { refuseSize, refuseSpec, roomFor, workerOf } from "./spec.ts";
import type { RefusalReason } from "./spec.ts";
import type { WorkerVolumes } from "./volume.ts";
import { readProgram } from "./worker-program.ts";
import type { Workers } from "./workers.ts";

export interface LaunchParts {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly volumes: WorkerVolumes;
  readonly workers: Workers;
}

/** Containers that are started at a time: an engine does not get faster with more. */
const atATime = 8;

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
  const unfit = refuseSpec(request.spec) ?? refuseDirectories(request, engine);
  if (unfit) return refuseAll(request.slots, unfit);
  const program = readProgram(request.program);
  if ("kind" in program) return refuseAll(request.slots, program);
  const room = await roomOn(engine);
  const tooLarge = refuseSize(worker, room);
  if (tooLarge) return refuseAll(request.slots, tooLarge);
  const image = await imageOf(engine, worker.image, worker.platform, settings, options);
  if ("kind" in image) return refuseAll(request.slots, image);
  const volume = parts.volumes.volumeOf(request.program.sha256, image.platform);
  if ("kind" in volume) return refuseAll(request.slots, volume);
  const batch: Batch = { request, worker, image, volume, settings };
  const living = await parts.workers.labels(MANAGED, true);
  const there = request.slots.filter((slot) => living.some(({ id }) => id === idOf(request, slot)));
  const most = Math.min(settings.maxWorkers - living.length, roomFor(worker, room));
  const fresh = request.slots.filter((slot) => !there.includes(slot));
  const fitting = fresh.slice(0, Math.max(0, most));
  const results = await inGroups([...there, ...fitting], (slot) =>
    startOne(batch, slot, program.bytes, parts, options),
  );
  const beyond = refuseAll(fresh.slice(fitting.length), fullRefusal(living.length, settings));
  // Not in the way of a launch, and no reason for it to fail.
  parts.workers.tidy(Date.now()).catch(ignore);
  const started = results.filter((result) => "id" in result).sort((a, b) => a.slot - b.slot);
  return { started, refused: [...results.filter((result) => "kind" in result), ...beyond.refused] };
}

async function startOne(
  batch: Batch,
  slot: number,
  program: Uint8Array,
  { engine, volumes, workers }: LaunchParts,
  options: LaunchOptions,
): Promise<{ readonly slot: number; readonly id: string } | Refusal> {
  const id = idOf(batch.request, slot);
  // The answer to the same launch was lost, and what it started has ended meanwhile.
  if (workers.hasEnded(id)) return { slot, id };
  let isNew = false;
  try {
    isNew = await createContainer(engine, batch, slot);
    if (!isNew && (await wasStarted(engine, id))) return { slot, id };
    await volumes.ensure(batch.volume, id, batch.image.id, program, options);
    await startContainer(engine, batch.request, id);
    return { slot, id };
  } catch (error) {
    // Somebody who repeats the same launch was faster.
    if (statusOf(error) === 304) return { slot, id };
    const isImage = error instanceof DockerBackendError && error.code === "image";
    if (statusOf(error) === undefined && !isImage) throw error;
    if (isNew) await workers.remove(id);
    if (isImage) return { slot, kind: "image", message: error.message };
    return { slot, ...refusalOf(error) };
  }
}

function refusalOf(error: unknown): RefusalReason {
  const message = reasonOf(error);
  if (/no space left|disk quota/i.test(message))
    return {
      kind: "capacity",
      message: `The engine's disk is full: ${message}. \`docker system prune\` frees some of it.`,
    };
  if (/could not select device driver|nvidia|gpu/i.test(message))
    return {
      kind: "option",
      message: `The engine has no GPU to give: ${message}. Leave gpus out, or use another machine.`,
    };
  // What the engine itself could not do, as when it is about to end, it may do later.
  if ((statusOf(error) ?? 500) < 500) return { kind: "option", message };
  return { kind: "unavailable", message };
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
  return { started: [], refused: slots.map((slot) => ({ slot, ...reason })) };
}

async function inGroups<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = values.entries();
  const lane = async () => {
    for (const [n, value] of queue) results[n] = await work(value);
  };
  // The first alone: what it has to prepare, the others find.
  const first = queue.next();
  if (!first.done) results[first.value[0]] = await work(first.value[1]);
  await Promise.all(Array.from({ length: Math.min(atATime, values.length) }, lane));
  return results;
}

function ignore(): void {
  // What can't be removed now is there at the next launch.
}
