import type { Refusal, WorkerSpec } from "@skyburst/core";
import type { HostConfig } from "dockerode";
import type { Settings } from "./options.ts";
import { unfitSize } from "./options.ts";

export type RefusalReason = Omit<Refusal, "slot">;

export const SPEC_FIELDS = ["slots", "cpu", "memory", "gpus", "image", "platform", "env", "mounts"] as const;

/** A worker of this backend, as the request and the backend's options make it. */
export type Worker = WorkerSpec & { readonly image: string };

export function workerOf(spec: WorkerSpec, settings: Settings): Worker {
  return {
    slots: spec.slots,
    env: spec.env,
    image: spec.image ?? settings.image,
    platform: spec.platform ?? settings.platform,
    cpu: spec.cpu ?? settings.cpu,
    memory: spec.memory ?? settings.memory,
    gpus: spec.gpus ?? settings.gpus,
    mounts: [...(settings.mounts ?? []), ...(spec.mounts ?? [])],
  };
}

/** Why no engine can run such a worker, or undefined. */
export function refuseSpec(spec: WorkerSpec): RefusalReason | undefined {
  if (spec.spot !== undefined)
    return option(
      `The docker backend does not take \`spot: ${spec.spot}\`: nobody takes a container back; leave it out.`,
    );
  const unfit = unfitSize(spec);
  if (unfit) return option(`${unfit.what}: ${unfit.why}.`);
  for (const { source, target } of spec.mounts ?? []) {
    if (!source.startsWith("/") || !target.startsWith("/"))
      return option(`mounts: ${source} at ${target}: give absolute paths.`);
  }
  return undefined;
}

/** What the engine's machine has, and what running containers have of it. */
export interface Room {
  /** The engine's own name of itself. */
  readonly engine: string;
  readonly cpu: number;
  readonly memory: number;
  readonly usedCpu: number;
  readonly usedMemory: number;
}

/** Why a worker can never run there, with both numbers. */
export function refuseSize({ cpu = 0, memory = 0 }: Worker, room: Room): RefusalReason | undefined {
  if (cpu > room.cpu) return option(`cpu: ${cpu} is more than the engine's machine has (${room.cpu}): ask for less.`);
  if (memory > room.memory)
    return option(
      `memory: ${sizeOf(memory)} is more than the engine's machine has (${sizeOf(room.memory)}): ask for less.`,
    );
  return undefined;
}

/** Workers for which there is room now. */
export function roomFor({ cpu = 0, memory = 0 }: Worker, room: Room): number {
  const byCpu = cpu > 0 ? Math.floor((room.cpu - room.usedCpu) / cpu + 1e-9) : Number.POSITIVE_INFINITY;
  const byMemory = memory > 0 ? Math.floor((room.memory - room.usedMemory) / memory) : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(byCpu, byMemory));
}

/** Processes and threads of a worker: more than any build needs, and an end to a fork bomb. */
const mostProcesses = 4096;

/** Kept of what the worker's own process prints: it prints only when it fails. */
const logs = { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } };

/** With no more rights than what is asked for, and no swap, so that the limit of memory is one. */
export function hostConfig({ cpu, memory, gpus }: Worker, settings: Settings): HostConfig {
  const { network, capabilities = [], readOnlyRoot = false } = settings;
  return {
    Init: true,
    NetworkMode: network,
    PidsLimit: mostProcesses,
    SecurityOpt: ["no-new-privileges"],
    CapDrop: ["ALL"],
    CapAdd: [...capabilities],
    ReadonlyRootfs: readOnlyRoot,
    LogConfig: logs,
    ...(isBridged(network) ? { ExtraHosts: [`${loopbackName}:host-gateway`] } : {}),
    // What is built there is to be run there, which an engine forbids unless told otherwise.
    ...(readOnlyRoot ? { Tmpfs: { "/tmp": "mode=1777,exec" } } : {}),
    ...(cpu === undefined ? {} : { NanoCpus: Math.round(cpu * 1e9) }),
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    ...(gpus === undefined
      ? {}
      : { DeviceRequests: [{ Driver: "", Count: gpus, DeviceIDs: [], Capabilities: [["gpu"]], Options: {} }] }),
  };
}

/** The engine's machine, in a container that has a network of its own. */
export const loopbackName = "host.docker.internal";

/** `host` is the machine's own network, and others' containers have theirs. */
export function isBridged(network: string): boolean {
  return network !== "host" && network !== "none" && !network.startsWith("container:");
}

function option(message: string): RefusalReason {
  return { kind: "option", message };
}

function sizeOf(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toFixed(2))} GiB`;
}
