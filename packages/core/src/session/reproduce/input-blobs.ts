import { splitHeader } from "../../protocol/lines.ts";
import type { Segment } from "../../protocol/segment.ts";
import { sharedReferences } from "../../serializer/index.ts";
import type { Json } from "../../store.ts";
import type { Place } from "../place.ts";

/** The blobs that inputs stand for, and the shared values that they refer to, by hash. */
export async function* inputBlobs({ facts, keys }: Place, { rich, lines }: Segment): AsyncGenerator<string> {
  const texts = new TextDecoder().decode(lines).split("\n");
  for (const position of rich) {
    const { blob, meta } = JSON.parse(texts[position] ?? "{}") as RichLine;
    if (blob === undefined) {
      yield* sharedReferences(meta);
      continue;
    }
    yield blob;
    const bytes = await facts.get(keys.inputBlob(blob));
    if (bytes) yield* sharedReferences((splitHeader(bytes).header as RichLine).meta);
  }
}

interface RichLine {
  readonly blob?: string;
  readonly meta?: Json;
}
