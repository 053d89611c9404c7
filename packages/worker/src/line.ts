import type { Blame, Json } from "@skyburst/core";
import type { BlobReference, Chunk, Item } from "@skyburst/core/protocol";

type Ending =
  | { readonly status: "failed"; readonly error: Json; readonly blame: Blame; readonly seconds: number }
  | { readonly status: "cancelled"; readonly seconds: number }
  | { readonly status: "succeeded"; readonly blob: BlobReference; readonly seconds: number }
  | { readonly status: "succeeded"; readonly value: Json; readonly seconds: number };

const encoder = new TextEncoder();

/** The output line of an outcome that no executor thread wrote. */
export function encodeLine(chunk: Pick<Chunk, "index" | "task">, item: Item, ending: Ending): Uint8Array {
  const { status, seconds, ...rest } = ending;
  const attempts = status === "cancelled" ? item.attempt - 1 : item.attempt;
  const line = { index: chunk.index + item.offset, task: chunk.task + item.offset, status, ...rest, attempts, seconds };
  return encoder.encode(`${JSON.stringify(line)}\n`);
}
