import type { Engine } from "./engine.ts";
import { loginTo } from "./credentials.ts";
import { DockerBackendError, reasonOf } from "./errors.ts";
import { registryOf, withTag } from "./image-name.ts";
import type { RegistryAuth } from "./options.ts";
import { pullRefusal } from "./pull-refusal.ts";
import { PullProgress } from "./pull-progress.ts";
import type { PullEvent } from "./pull-progress.ts";
import type { RefusalReason } from "./spec.ts";

export interface PullOptions {
  readonly platform?: string | undefined;
  /** Default: what `docker login` left for the image's registry. */
  readonly auth?: RegistryAuth | undefined;
  /** Told how far it is, in words, as often as they change. */
  readonly progress?: ((text: string) => void) | undefined;
  /** Whoever goes lets the engine stop pulling. */
  readonly signal?: AbortSignal | undefined;
}

/** Has the engine pull an image. Returns why it can't be had; undefined: the engine has it now. @throws {DockerBackendError} of the engine as a whole. */
export async function pull(
  engine: Engine,
  image: string,
  options: PullOptions = {},
): Promise<RefusalReason | undefined> {
  const { platform, auth, progress, signal } = options;
  const login = await loginTo(registryOf(image), auth);
  const asked = {
    ...(platform === undefined ? {} : { platform }),
    ...(login.credentials ? { authconfig: login.credentials } : {}),
    ...(signal ? { abortSignal: signal } : {}),
  };
  const layers = new PullProgress(image);
  try {
    await engine.ask(async (client) => {
      const answer = await client.pull(withTag(image), asked);
      // The engine answers 200 before it has pulled anything: how it went is told by the last of what follows.
      for await (const event of eventsIn(answer)) {
        if (event.error !== undefined) throw new PullFailure(event.errorDetail?.message ?? event.error);
        const text = layers.look(event);
        if (text !== undefined) progress?.(text);
      }
    }, Number.POSITIVE_INFINITY);
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DockerBackendError) throw error;
    return pullRefusal(image, reasonOf(error), login);
  }
}

/** What the engine said while it pulled. */
class PullFailure extends Error {}

interface Line extends PullEvent {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** One JSON text on each line; a connection that breaks is an error. */
async function* eventsIn(answer: NodeJS.ReadableStream): AsyncGenerator<Line> {
  let rest = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as Line;
  }
}
