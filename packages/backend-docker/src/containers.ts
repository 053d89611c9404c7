import { statSync } from "node:fs";
import type { Duplex } from "node:stream";
import type { LaunchRequest } from "@skyburst/core";
import type { ContainerCreateOptions } from "dockerode";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import type { Image } from "./image.ts";
import { idOf, labelsOf } from "./label.ts";
import type { Settings } from "./options.ts";
import { command, home } from "./runtime.ts";
import { hostConfig, isBridged, loopbackName } from "./spec.ts";
import type { Worker } from "./spec.ts";
import type { WorkerVolume } from "./volume.ts";

/** What the containers of one launch have in common. */
export interface Batch {
  readonly request: LaunchRequest;
  readonly worker: Worker;
  readonly image: Image;
  readonly volume: WorkerVolume;
  readonly settings: Settings;
  /** The engine is on this machine. */
  readonly isHere: boolean;
}

/**
 * Creates the container of a slot. false: the same launch created it before, so that its name is taken.
 *
 * @param announces Its worker is to say when it has opened its store.
 */
export async function createContainer(engine: Engine, batch: Batch, slot: number, announces = false): Promise<boolean> {
  const { request, worker } = batch;
  const name = idOf(request, slot);
  const platform = worker.platform === undefined ? {} : { platform: worker.platform };
  try {
    // Said apart, or all of it stands in the address as well.
    const question: Question = { _query: { name, ...platform }, _body: containerOf(batch, slot, announces) };
    await engine.ask((client) => client.createContainer(question));
    return true;
  } catch (error) {
    if (statusOf(error) === 409) return false;
    throw error;
  }
}

/** What its types leave out. */
interface Question extends ContainerCreateOptions {
  readonly _query: { readonly name: string; readonly platform?: string };
  readonly _body: ContainerCreateOptions;
}

/** It was started before, whatever became of it: to start it again would be a second worker under one token. */
export async function wasStarted(engine: Engine, id: string): Promise<boolean> {
  const { State } = await engine.ask((client) => client.getContainer(id).inspect());
  return State.Status !== "created";
}

/** Starts a container. What is secret goes to its standard input: the engine keeps it nowhere, and shows it to nobody. */
export async function startContainer(engine: Engine, request: LaunchRequest, id: string): Promise<void> {
  await engine.ask(async (client) => {
    const container = client.getContainer(id);
    if (!hasSecrets(request)) {
      await container.start();
      return;
    }
    const stdin = await container.attach({ stream: true, stdin: true, hijack: true });
    try {
      await container.start();
      await new Promise<void>((resolve) => stdin.end(JSON.stringify(request.secrets), resolve));
    } finally {
      (stdin as Duplex).destroy();
    }
  });
}

function hasSecrets({ secrets = {} }: LaunchRequest): boolean {
  return Object.keys(secrets).length > 0;
}

function containerOf(
  { request, worker, image, volume, settings, isHere }: Batch,
  slot: number,
  announces: boolean,
): ContainerCreateOptions {
  const { directories = [] } = request;
  const user = settings.user ?? ownerOf(directories[0]);
  const binds = directories.map((path) => ({ Type: "bind" as const, Source: path, Target: path }));
  const mounts = (worker.mounts ?? []).map(({ source, target, readOnly = false }) => ({
    Type: "bind" as const,
    Source: source,
    Target: target,
    ReadOnly: readOnly,
  }));
  const takesSecrets = hasSecrets(request);
  const stdin = takesSecrets ? { SKYBURST_SECRETS: "stdin" } : {};
  // What is on this machine's loopback is elsewhere for a container that has one of its own.
  const loopback = isHere && isBridged(settings.network) ? { SKYBURST_LOOPBACK: loopbackName } : {};
  const ready = announces ? { SKYBURST_READY: "1" } : {};
  // Nobody else starts processes in a worker's container: what a command leaves behind that is ended can be told by that.
  const own = { ...stdin, ...loopback, ...ready, SKYBURST_WORKER: idOf(request, slot), SKYBURST_ALONE: "1" };
  const env = { HOME: "/tmp", ...worker.env, ...own };
  return {
    Image: image.id,
    Entrypoint: [...command],
    Cmd: [`${home}/program.mjs`, ...request.args, `--slot=${slot}`],
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    Labels: labelsOf(request, slot),
    WorkingDir: "/",
    ...(takesSecrets ? { OpenStdin: true, StdinOnce: true, AttachStdin: true } : {}),
    ...(user === undefined ? {} : { User: user }),
    HostConfig: {
      ...hostConfig(worker, settings),
      Mounts: [
        // An image's own folder of that name has nothing to do in there.
        { Type: "volume", Source: volume.name, Target: home, ReadOnly: true, VolumeOptions: ofVolume(volume) },
        ...binds,
        ...mounts,
      ],
    },
  };
}

/** It is made with its first container. */
function ofVolume({ labels }: WorkerVolume) {
  return { NoCopy: true, Labels: { ...labels }, DriverConfig: { Name: "", Options: {} } };
}

/** Who owns the store can read what its workers write. */
function ownerOf(directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  const { uid, gid } = statSync(directory);
  return `${uid}:${gid}`;
}
