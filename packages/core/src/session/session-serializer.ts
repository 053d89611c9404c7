import { SkyburstError } from "../errors.ts";
import { serializer as builtIn } from "../serializer/index.ts";
import type { Serializer } from "../serializer/index.ts";

/** The serializer of a session. @throws {SkyburstError} `option` when workers could not open it again. */
export function sessionSerializer(given: Serializer | undefined): Serializer {
  if (given === undefined || given === builtIn) return builtIn;
  if (typeof given.encode !== "function" || typeof given.decode !== "function")
    throw new SkyburstError("option", "serializer has no functions `encode` and `decode`: give a Serializer.");
  if (typeof given.reference?.module !== "string")
    throw new SkyburstError(
      "option",
      "serializer has no `reference`, by which workers open it again: give it { module: import.meta.url, options: {} }, and export open(options) from that module.",
    );
  return given;
}
