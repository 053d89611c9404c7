import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { pull } from "./pull.ts";
import type { PullOptions } from "./pull.ts";
import type { Settings } from "./options.ts";
import type { RefusalReason } from "./spec.ts";

/** An image that the engine has. */
export interface Image {
  readonly id: string;
  /** As `linux/amd64`. */
  readonly platform: string;
}

/** Of what can't stand in an address the engine is not asked. What else is wrong with a name, it says itself. */
export function refuseName(name: string): RefusalReason | undefined {
  if (/^[\w.:/@+-]+$/.test(name)) return undefined;
  return { kind: "option", message: `No image can be named ${JSON.stringify(name)}: write it as registry/name:tag.` };
}

/** The image as the engine has it; undefined: it does not, or that is no matter. */
export async function lookForImage(
  engine: Engine,
  name: string,
  { pullPolicy }: Pick<Settings, "pullPolicy">,
): Promise<Image | undefined> {
  return pullPolicy === "always" ? undefined : inspect(engine, name);
}

interface ImageOptions extends Pick<PullOptions, "progress" | "signal"> {
  /** What {@link lookForImage} has found. */
  readonly known?: Image | undefined;
}

/**
 * The image as the engine has it, pulled if need be; or why it can't be had.
 *
 * @throws {DockerBackendError} of the engine as a whole.
 */
export async function imageOf(
  engine: Engine,
  name: string,
  platform: string | undefined,
  { pullPolicy, registryAuth: auth }: Pick<Settings, "pullPolicy" | "registryAuth">,
  { known, ...options }: ImageOptions = {},
): Promise<Image | RefusalReason> {
  if (known && fits(known, platform)) return known;
  if (pullPolicy === "never")
    return refusal(
      known
        ? `The image ${name} is of ${known.platform}, and ${platform} is wanted: build or pull it for that platform.`
        : `The engine does not have the image ${name}, and docker({ pullPolicy: "never" }) forbids to pull it: \`docker pull ${name}\`.`,
    );
  const failure = await pull(engine, name, { ...options, platform, auth });
  if (failure) return failure;
  const pulled = await inspect(engine, name);
  if (!pulled) return refusal(`The image ${name} was pulled, and is not there: somebody removed it meanwhile.`);
  if (!fits(pulled, platform))
    return refusal(
      `The image ${name} is of ${pulled.platform}, and ${platform} is wanted: its registry has it for no other platform. Name an image that is there for ${platform}, or leave platform out.`,
    );
  return pulled;
}

async function inspect(engine: Engine, name: string): Promise<Image | undefined> {
  try {
    const { Id: id, Os, Architecture, Variant } = await engine.ask((client) => client.getImage(name).inspect());
    return { id, platform: [Os, Architecture, Variant].filter(Boolean).join("/") };
  } catch (error) {
    // 400: it can't have a name that can't be.
    if ([400, 404].includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}

/** `linux/arm64` is one of `linux/arm64/v8`. */
function fits({ platform }: Image, wanted: string | undefined): boolean {
  return wanted === undefined || platform === wanted || platform.startsWith(`${wanted}/`);
}

function refusal(message: string): RefusalReason {
  return { kind: "image", message };
}
