import { SkyburstError } from "../../errors.ts";
import type { Outcome } from "../../outcome.ts";
import type { OutcomeLine } from "../../protocol/commit.ts";
import type { Facts } from "../../protocol/facts.ts";
import { decodeBlob, decodeInline } from "../../serializer/index.ts";
import type { Serializer } from "../../serializer/index.ts";
import type { Json } from "../../store.ts";
import type { OutcomeLines } from "./collector.ts";

const decoder = new TextDecoder();

/** The outcomes of lines, with values and errors as the task made them. */
export async function* decodeOutcomes<T>(
  facts: Facts,
  serializer: Serializer,
  { lines }: OutcomeLines,
): AsyncGenerator<Outcome<T>> {
  const text = decoder.decode(lines);
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    const line = JSON.parse(text.slice(at, end)) as OutcomeLine;
    at = end + 1;
    yield await decodeOutcome<T>(facts, serializer, line);
  }
}

async function decodeOutcome<T>(facts: Facts, serializer: Serializer, line: OutcomeLine): Promise<Outcome<T>> {
  const { index, task, attempts, seconds } = line;
  const ended = { index, task, attempts, seconds };
  if (line.status === "cancelled") return { ...ended, status: "cancelled" };
  if (line.status === "failed")
    return { ...ended, status: "failed", error: decodeError(line.error), blame: line.blame };
  if (!line.blob) return { ...ended, status: "succeeded", value: decodeInline(line, serializer) as T };
  const bytes = await facts.get(line.blob.key);
  if (!bytes) throw new SkyburstError("session", `The store lost ${line.blob.key}, the value of task ${task}.`);
  return { ...ended, status: "succeeded", value: decodeBlob(bytes, serializer) as T };
}

/** An error as a worker described it: `{ name, message, stack, code?, cause? }`. Anything else that was thrown is its cause. */
function decodeError(value: Json): Error {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return new Error(String(value), { cause: value });
  const { name, message, stack, cause, ...rest } = value as { readonly [key: string]: Json };
  const error = new Error(
    typeof message === "string" ? message : "",
    cause === undefined ? undefined : { cause: isError(cause) ? decodeError(cause) : cause },
  );
  const own = { name, stack, ...rest };
  for (const [key, part] of Object.entries(own)) {
    if (part !== undefined)
      Object.defineProperty(error, key, {
        value: part,
        configurable: true,
        writable: true,
        enumerable: key !== "name" && key !== "stack",
      });
  }
  return error;
}

function isError(value: Json): boolean {
  return typeof value === "object" && value !== null && "message" in value && "name" in value;
}
