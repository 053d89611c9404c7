import { SkyburstError } from "../errors.ts";
import { SerializeError, serializer as builtIn } from "../serializer/index.ts";
import type { Encoded, Serializer } from "../serializer/index.ts";

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
  return {
    reference: given.reference,
    encode: (value) => encode(given, value),
    decode: (...received) => given.decode(...received),
  };
}

/** Whatever it throws, it is this value that can't travel: the caller then says which input it was. */
function encode(serializer: Serializer, value: unknown): Encoded {
  try {
    return serializer.encode(value);
  } catch (cause) {
    if (cause instanceof SerializeError) throw cause;
    throw new SerializeError("unsupported", "$", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
