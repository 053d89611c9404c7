import type { LaunchRequest } from "@skyburst/core";
import type { ContainerCreateOptions } from "dockerode";
import { statSync } from "node:fs";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import type { Image } from "./image.ts";
import { idOf, labelsOf } from "./label.ts";
import type { Settings } from "./options.ts";
import { command, home } from "./runtime.ts";
import { hostConfig } from "./spec.ts";
import type { Worker } from "./spec.ts";

/** What the containers of one launch have in common. */
export interface Batch {
  readonly request: LaunchRequest;
  readonly worker: Worker;
  readonly image: Image;
  readonly volume: string;
  readonly settings: Settings;
}

/** Creates the container of a slot, or finds the one that was created by the same launch before. */
export async function createContainer(engine: Engine, batch: Batch, slot: number): Promise<void> {
  const { request, worker } = batch;
  const name = idOf(request, slot);
  const platform = worker.platform === undefined ? {} : { platform: worker.platform };
  try {
    await engine.ask((client) => client.createContainer({ ...containerOf(batch, slot), name, ...platform }));
  } catch (error) {
    // The name is taken: by the same launch of the same slot.
    if (statusOf(error) !== 409) throw error;
  }
}

function containerOf({ request, worker, image, volume, settings }: Batch, slot: number): ContainerCreateOptions {
  const { directories = [] } = request;
  const user = settings.user ?? ownerOf(directories[0]);
  const binds = directories.map((path) => ({ Type: "bind" as const, Source: path, Target: path }));
  const mounts = (worker.mounts ?? []).map(({ source, target, readOnly = false }) => ({
    Type: "bind" as const,
    Source: source,
    Target: target,
    ReadOnly: readOnly,
  }));
  const env = { HOME: "/tmp", ...worker.env, SKYBURST_WORKER: idOf(request, slot) };
  return {
    Image: image.id,
    Entrypoint: [...command],
    Cmd: [`${home}/program.mjs`, ...request.args, `--slot=${slot}`],
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    Labels: labelsOf(request, slot),
    WorkingDir: "/",
    ...(user === undefined ? {} : { User: user }),
    HostConfig: {
      ...hostConfig(worker, settings),
      Mounts: [{ Type: "volume", Source: volume, Target: home, ReadOnly: true }, ...binds, ...mounts],
    },
  };
}

/** Who owns the store can read what its workers write. */
function ownerOf(directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  const { uid, gid } = statSync(directory);
  return `${uid}:${gid}`;
}
