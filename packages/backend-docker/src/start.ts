import type { LaunchOptions, Refusal } from "@skyburst/core";
import { createContainer, startContainer, wasStarted } from "./containers.ts";
import type { Batch } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { DockerBackendError, reasonOf, statusOf } from "./errors.ts";
import type { Findings } from "./findings.ts";
import { idOf } from "./label.ts";
import { preflight } from "./preflight.ts";
import type { RefusalReason } from "./spec.ts";
import type { WorkerVolumes } from "./volume.ts";
import type { Workers } from "./workers.ts";

export interface StartParts {
  readonly engine: Engine;
  readonly volumes: WorkerVolumes;
  readonly workers: Workers;
  readonly findings: Findings;
}

/** A worker's container runs. */
export interface Started {
  readonly slot: number;
  readonly id: string;
  /** It was created just now, and not by an earlier call of the same launch. */
  readonly isNew: boolean;
}

export interface StartOptions extends LaunchOptions {
  /** The worker's volume is known to be whole. */
  readonly whole?: boolean | undefined;
  /** The worker is to say when it has opened its store. */
  readonly announces?: boolean | undefined;
  /** Called when nothing of what the others need is missing any more. */
  readonly prepared?: (() => void) | undefined;
}

/** Unless that is known, it is waited for until its worker has opened the store. */
export async function startFirst(
  batch: Batch,
  slot: number,
  engineId: string,
  program: Uint8Array,
  parts: StartParts,
  options: StartOptions,
): Promise<Started | Refusal> {
  const { signal, progress } = options;
  const { engine, findings, workers } = parts;
  const { request, worker, image, volume, settings } = batch;
  const { readyLine, storeId, directories } = request;
  const { network, user } = settings;
  const what = [engine.address.text, engineId, image.id, volume.name, storeId, directories, worker, network, user];
  if (readyLine === undefined || findings.has(what)) return startOne(batch, slot, program, parts, options);
  const result = await startOne(batch, slot, program, parts, { ...options, announces: true, prepared: undefined });
  // Of what somebody else has started nobody knows what it was asked to say.
  if ("kind" in result || !result.isNew) return result;
  progress?.("waiting until the first worker has opened its store");
  const found = await preflight(engine, result.id, { readyLine, network, platform: image.platform, signal });
  if (found === "opened") findings.keep(what);
  if (typeof found === "string") return result;
  // All that it said is in the refusal.
  await workers.remove(result.id);
  return { slot, ...found };
}

export async function startOne(
  batch: Batch,
  slot: number,
  program: Uint8Array,
  { engine, volumes, workers }: StartParts,
  { whole, announces, prepared, ...options }: StartOptions,
): Promise<Started | Refusal> {
  const id = idOf(batch.request, slot);
  // The answer to the same launch was lost, and what it started has ended meanwhile.
  if (workers.hasEnded(id)) return { slot, id, isNew: false };
  let isNew = false;
  try {
    isNew = await createContainer(engine, batch, slot, announces);
    if (!isNew && (await wasStarted(engine, id))) return { slot, id, isNew };
    if (whole !== true) await volumes.ensure(batch.volume, id, batch.image.id, program, options);
    prepared?.();
    await startContainer(engine, batch.request, id);
    return { slot, id, isNew };
  } catch (error) {
    // Somebody who repeats the same launch was faster.
    if (statusOf(error) === 304) return { slot, id, isNew: false };
    const isImage = error instanceof DockerBackendError && error.code === "image";
    const isRefused = statusOf(error) !== undefined || isImage;
    if (isNew && (isRefused || options.signal?.aborted)) await workers.remove(id);
    if (!isRefused) throw error;
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
  if (/no such container/i.test(message))
    return { kind: "unavailable", message: "Somebody removed the container before it was started." };
  // What the engine itself could not do, as when it is about to end, it may do later.
  if ((statusOf(error) ?? 500) < 500) return { kind: "option", message };
  return { kind: "unavailable", message };
}
