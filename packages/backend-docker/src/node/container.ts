import { setTimeout as pause } from "node:timers/promises";
import type { Engine } from "../engine.ts";
import { statusOf } from "../errors.ts";
import { MANAGED } from "../label.ts";
import { home } from "../runtime.ts";

/** Lends a container that is never started: only through one can files of images and volumes be read and written. @param volume Is at `home` in there. */
export async function withContainer<T>(
  engine: Engine,
  image: string,
  volume: string | undefined,
  use: (id: string) => Promise<T>,
): Promise<T> {
  const { id } = await engine.ask((client) => client.createContainer(optionsOf(image, volume)));
  return await lend(engine, id, use);
}

/** Milliseconds after which who has the name is taken for dead, and between two tries. */
const patience = 60_000;
const look = 100;

/** Lends one that is the only one of its name: whoever else wants it waits until it is gone. An engine gives a name away once. */
export async function withOnlyContainer<T>(
  engine: Engine,
  image: string,
  {
    volume,
    name,
    signal,
  }: { readonly volume: string; readonly name: string; readonly signal?: AbortSignal | undefined },
  use: (id: string) => Promise<T>,
): Promise<T> {
  for (const since = performance.now(); ;) {
    const id = await createNamed(engine, image, volume, name);
    if (id !== undefined) return await lend(engine, id, use);
    if (performance.now() - since > patience) await remove(engine, name);
    await pause(look);
    signal?.throwIfAborted();
  }
}

/** undefined: the name is taken. */
async function createNamed(engine: Engine, image: string, volume: string, name: string): Promise<string | undefined> {
  try {
    const { id } = await engine.ask((client) => client.createContainer({ ...optionsOf(image, volume), name }));
    return id;
  } catch (error) {
    if (statusOf(error) === 409) return undefined;
    throw error;
  }
}

function optionsOf(image: string, volume: string | undefined) {
  // What the image has at that place is not to get into a volume that is empty.
  const VolumeOptions = { NoCopy: true, Labels: {}, DriverConfig: { Name: "", Options: {} } };
  const mount = { Type: "volume" as const, Target: home, VolumeOptions };
  const Mounts = volume === undefined ? [] : [{ ...mount, Source: volume }];
  // An image may name no command, and a container has to.
  return { Image: image, Cmd: ["none"], Labels: { [MANAGED]: "true" }, HostConfig: { Mounts } };
}

async function lend<T>(engine: Engine, id: string, use: (id: string) => Promise<T>): Promise<T> {
  try {
    return await use(id);
  } finally {
    await remove(engine, id);
  }
}

async function remove(engine: Engine, id: string): Promise<void> {
  try {
    await engine.ask((client) => client.getContainer(id).remove({ force: true }));
  } catch (error) {
    // Gone, or about to be.
    if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
  }
}
