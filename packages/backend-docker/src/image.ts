import type { Engine } from "./engine.ts";
import { DockerBackendError, reasonOf, statusOf } from "./errors.ts";
import type { Settings } from "./options.ts";

/** An image that the engine has. */
export interface Image {
  readonly id: string;
  /** As `linux/amd64`. */
  readonly platform: string;
}

/**
 * The image as the engine has it, pulled if need be. What is given as `name` alone is `name:latest`: an engine that is asked to pull a
 * name without a tag pulls all of its tags.
 *
 * @throws {DockerBackendError} `image`: it is not there, or can't be had, or is of another platform.
 */
export async function imageOf(
  engine: Engine,
  name: string,
  platform: string | undefined,
  settings: Settings,
): Promise<Image> {
  const { pullPolicy } = settings;
  const known = pullPolicy === "always" ? undefined : await inspect(engine, name);
  if (known && fits(known, platform)) return known;
  if (pullPolicy === "never")
    throw new DockerBackendError(
      "image",
      known
        ? `The image ${name} is of ${known.platform}, and ${platform} is wanted: build or pull it for that platform.`
        : `The engine does not have the image ${name}, and docker({ pullPolicy: "never" }) forbids to pull it: \`docker pull ${name}\`.`,
    );
  await pull(engine, name, platform, settings);
  const pulled = await inspect(engine, name);
  if (!pulled) throw new DockerBackendError("image", `The image ${name} was pulled, and the engine does not have it.`);
  if (!fits(pulled, platform))
    throw new DockerBackendError(
      "image",
      `The image ${name} is of ${pulled.platform}, and ${platform} is wanted: its registry has none of that platform.`,
    );
  return pulled;
}

async function inspect(engine: Engine, name: string): Promise<Image | undefined> {
  try {
    const { Id: id, Os, Architecture, Variant } = await engine.ask((client) => client.getImage(name).inspect());
    return { id, platform: [Os, Architecture, Variant].filter(Boolean).join("/") };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** `linux/arm64` is one of `linux/arm64/v8`. */
function fits({ platform }: Image, wanted: string | undefined): boolean {
  return wanted === undefined || platform === wanted || platform.startsWith(`${wanted}/`);
}

async function pull(engine: Engine, name: string, platform: string | undefined, settings: Settings): Promise<void> {
  const { registryAuth: auth } = settings;
  const options = {
    ...(platform === undefined ? {} : { platform }),
    ...(auth ? { authconfig: { ...auth, serveraddress: registryOf(name) } } : {}),
  };
  try {
    await engine.ask(async (client) => {
      const progress = await client.pull(withTag(name), options);
      // The engine answers 200 before it has pulled anything: how it went is the last word of what follows.
      await new Promise<void>((resolve, reject) =>
        client.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
      );
    });
  } catch (error) {
    if (error instanceof DockerBackendError) throw error;
    throw new DockerBackendError("image", `The image ${name} can't be pulled: ${pullHint(reasonOf(error), name)}`, {
      cause: error,
    });
  }
}

function pullHint(reason: string, name: string): string {
  if (/unauthorized|denied|authentication required|no basic auth/i.test(reason))
    return `${reason}. Log in (\`docker login ${registryOf(name)}\`), or give docker({ registryAuth }).`;
  if (/no matching manifest|does not match the specified platform/i.test(reason))
    return `${reason}. Ask for another platform, or for an image that has this one.`;
  if (/not found|manifest unknown/i.test(reason)) return `${reason}. Look whether its name is right.`;
  return `${reason}. Pull it by hand (\`docker pull ${name}\`), or build it there.`;
}

/** The part before the first slash, if it can be a host. */
function registryOf(name: string): string {
  const [first = ""] = name.split("/", 1);
  return name.includes("/") && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}

function withTag(name: string): string {
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}
