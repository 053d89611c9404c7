import type { Json } from "../../src/store.ts";
import type { Encoded, Received } from "../../src/serializer/serializer.ts";

/** What arrives of an encoded value when nothing stands between the two sides. */
export function received({ json, meta, attachments }: Encoded): Received {
  return { value: parse(json), meta: meta === undefined ? undefined : parse(meta), attachments };
}

function parse(text: string): Json | undefined {
  return text === "" ? undefined : (JSON.parse(text) as Json);
}
