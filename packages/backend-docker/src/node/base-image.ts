import type { Engine } from "../engine.ts";
import { statusOf } from "../errors.ts";
import { imageOf, lookForImage } from "../image.ts";
import type { Asked } from "./asked.ts";
import type { Machine } from "./machine.ts";

interface BaseImageOptions {
  /** Pulls it if need be. Default: as the backend's `pullPolicy` allows. */
  readonly pull?: boolean | undefined;
}

/**
 * Lends the id of an image of which only files are taken. One of other processors than the engine's is not left there under a name by
 * which people run it.
 *
 * @throws {Error} The engine does not have it for the machine, and can't pull it.
 */
export async function withBaseImage<T>(
  name: string,
  { engine, machine, settings, options }: Asked,
  use: (id: string) => Promise<T>,
  { pull = settings.pullPolicy !== "never" }: BaseImageOptions = {},
): Promise<T> {
  // What the user gave for the worker's image alone is not for this one's registry.
  const how = { pullPolicy: "missing", registryAuth: undefined } as const;
  const known = await lookForImage(engine, name, how);
  if (known && !isOf(machine, known.platform))
    throw new Error(
      `the engine has ${name} for ${known.platform}, and a pull for ${machine.platform} would replace that`,
    );
  if (!known && !pull) throw new Error(`the engine does not have ${name}`);
  const image = await imageOf(engine, name, machine.platform, how, { ...options, known });
  if ("kind" in image) throw new Error(image.message);
  try {
    return await use(image.id);
  } finally {
    if (!known) await removeForeign(engine, name, machine);
  }
}

function isOf({ platform }: Machine, other: string): boolean {
  return other === platform || other.startsWith(`${platform}/`);
}

async function removeForeign(engine: Engine, name: string, machine: Machine): Promise<void> {
  const { Arch } = await engine.ask((client) => client.version());
  if (isOf(machine, `linux/${Arch}`)) return;
  try {
    await engine.ask((client) => client.getImage(name).remove());
  } catch (error) {
    // Somebody has it in use by now, or was faster.
    if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
  }
}
