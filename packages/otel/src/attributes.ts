import type { Attributes } from "@opentelemetry/api";
import type { SessionEvent } from "@skyburst/core";

/** What is said elsewhere of a span: its name, its time, its status, its children. */
const left: ReadonlySet<string> = new Set(["type", "at", "error", "outcomes"]);

/** What an event says, by `skyburst.<field>`; of a list, how long it is. */
export function attributesOf(event: SessionEvent): Attributes {
  const attributes: Attributes = {};
  for (const [field, value] of Object.entries(event) as [string, unknown][]) {
    if (left.has(field)) continue;
    if (Array.isArray(value)) attributes[`skyburst.${field}`] = value.length;
    else if (typeof value === "number" || typeof value === "string") attributes[`skyburst.${field}`] = value;
  }
  return attributes;
}
