import { blobParts, INLINE_LIMIT, inlineSize, inlineValue } from "@skyburst/core/serializer";
import type { Encoded } from "@skyburst/core";
import { WorkerError } from "../errors.ts";
import { describeError } from "./describe-error.ts";
import type { LineValue } from "./line-writer.ts";
import type { Outbox } from "./outbox.ts";
import { overdueError } from "./overdue.ts";
import { QuickJson } from "./quick-json.ts";
import { seconds } from "./seconds.ts";
import { isBuiltIn, serializer } from "./serializer.ts";
import type { Finished, Slice } from "./slice.ts";

/**
 * Encodes a result at once, since a later task may change what it points to, and puts it where it belongs.
 *
 * @throws {SerializeError} for a result that can't travel.
 */
export function successOutcome(
  position: number,
  result: unknown,
  slice: Slice,
  ms: number,
  now: number,
  outbox: Outbox,
): void {
  const value = quickValue(result) ?? textOf(serializer.encode(result), position, ms, outbox);
  if (value === undefined) return;
  const offset = slice.offsets?.[position] ?? position;
  const attempt = slice.attempts?.[position] ?? 1;
  outbox.line(position, slice.index + offset, slice.task + offset, value, attempt, ms, now);
}

/** Most quick tasks return a number, nothing, or a small object. -0 and NaN are for the serializer. */
function quickValue(result: unknown): LineValue | undefined {
  if (!isBuiltIn) return undefined;
  if (result === undefined) return "";
  if (typeof result === "number" && Number.isFinite(result) && (result !== 0 || 1 / result > 0)) return result;
  return typeof result === "object" && result !== null ? quickJson.member(result) : undefined;
}

const quickJson = new QuickJson();

/** The members of a line. `undefined`: the value was too large for one, and has left as a blob. */
function textOf(encoded: Encoded, position: number, ms: number, outbox: Outbox): string | undefined {
  const plain = encoded.meta === undefined && encoded.attachments === undefined;
  if (plain && encoded.json.length < INLINE_LIMIT / bytesPerUnit) return `,"value":${encoded.json}`;
  if (inlineSize(encoded) <= INLINE_LIMIT) return inlineValue(encoded);
  const parts = blobParts(encoded).map(ownBytes);
  const transfer = parts.map(({ buffer }) => buffer);
  outbox.finished({ kind: "large", position, parts, seconds: seconds(ms) }, transfer);
  return undefined;
}

/** A unit of UTF-16 takes at most this many bytes of UTF-8, so that short texts need no counting. */
const bytesPerUnit = 3;

export function failedOutcome(position: number, error: unknown, ms: number): Finished {
  const blame = error instanceof WorkerError && error.code === "unfetched" ? "infrastructure" : "user";
  return { kind: "failed", position, error: describeError(error), blame, seconds: seconds(ms) };
}

export function overdueOutcome(position: number, { timeout }: Slice, ms: number): Finished {
  return { kind: "failed", position, error: overdueError(timeout), blame: "timeout", seconds: seconds(ms) };
}

/** Parts may be views on memory of the value, which the task may go on using: what is transferred is a copy. */
function ownBytes(part: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(part);
}
