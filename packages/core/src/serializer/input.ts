import { decodeInline, inlineValue } from "./inline.ts";
import { parseJson, parseObject } from "./malformed.ts";
import type { DecodeOptions, Encoded, Serializer } from "./serializer.ts";

/**
 * An input as one line of a segment. A plain one is its JSON and nothing else; a rich one is an object of `value`, `meta`
 * and `bytes`. They cannot be told apart by looking, so the segment's header says which are rich.
 */
export function inputLine(encoded: Encoded): InputLine {
  const plain = encoded.json !== "" && encoded.meta === undefined && encoded.attachments === undefined;
  return plain ? { line: encoded.json, rich: false } : { line: `{${inlineValue(encoded).slice(1)}}`, rich: true };
}

export interface InputLine {
  readonly line: string;
  readonly rich: boolean;
}

/** @throws {SerializeError} `malformed`, also when the line is not JSON. */
export function decodeInput({ line, rich }: InputLine, serializer: Serializer, options?: DecodeOptions): unknown {
  return rich ? decodeInline(parseObject(line), serializer, options) : parseJson(line);
}
