import { SerializeError } from "./errors.ts";
import { noteText } from "./note.ts";
import { readingFailed } from "./refuse.ts";
import type { Encoded } from "./serializer.ts";
import { isPlainNumber, start, write } from "./write.ts";
import type { Run } from "./write.ts";

/**
 * One pass writes the JSON and, only where JSON would lose something, notes: a plain value costs what JSON costs, and
 * every property is read once.
 */
export function encode(value: unknown): Encoded {
  if (value === undefined) return NOTHING;
  if (typeof value === "number" && isPlainNumber(value))
    return { json: `${value}`, meta: undefined, attachments: undefined };
  const run = start();
  try {
    const json = write(value, run, "", run);
    return { json, meta: metaText(run), attachments: run.attachments };
  } catch (error) {
    throw error instanceof SerializeError ? error : readingFailed(error);
  }
}

const NOTHING: Encoded = Object.freeze({ json: "", meta: undefined, attachments: undefined });

function metaText(run: Run): string | undefined {
  const root = run.note?.children?.[0]?.[1];
  if (root === undefined) return undefined;
  const shared = run.shared === undefined ? "" : `,"shared":${JSON.stringify(run.shared)}`;
  return `{"types":${noteText(root)}${shared}}`;
}
