import type { Engine } from "../engine.ts";
import { MANAGED } from "../label.ts";
import { home } from "../runtime.ts";

/** Lends a container that is never started: only through one can files of images and volumes be read and written. @param volume Is at `home` in there. */
export async function withContainer<T>(
  engine: Engine,
  image: string,
  volume: string | undefined,
  use: (id: string) => Promise<T>,
): Promise<T> {
  // What the image has at that place is not to get into a volume that is empty.
  const VolumeOptions = { NoCopy: true, Labels: {}, DriverConfig: { Name: "", Options: {} } };
  const mount = { Type: "volume" as const, Target: home, VolumeOptions };
  const Mounts = volume === undefined ? [] : [{ ...mount, Source: volume }];
  // An image may name no command, and a container has to.
  const options = { Image: image, Cmd: ["none"], Labels: { [MANAGED]: "true" }, HostConfig: { Mounts } };
  const { id } = await engine.ask((client) => client.createContainer(options));
  try {
    return await use(id);
  } finally {
    await engine.ask((client) => client.getContainer(id).remove({ force: true }));
  }
}
