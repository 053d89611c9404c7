import assert from "node:assert/strict";
import type { Encoded, Json, Received, Serializer } from "@skyburst/core";
import type { KnownSerializerFacts } from "./facts.ts";

/** Makes another object of the serializer, as another process would have it. */
export type OpenSerializer = () => Serializer | Promise<Serializer>;

export interface SerializerStage {
  readonly serializer: Serializer;
  /** Another object, as the receiving process has it. */
  readonly other: Serializer;
  readonly facts: KnownSerializerFacts;
}

/** Registers a test under its name. */
export type SerializerTest = (name: string, body: (stage: SerializerStage) => Promise<void> | void) => void;

/** What arrives of an encoded value: texts parsed, bytes in memory of their own. */
export function arrived({ json, meta, attachments }: Encoded): Received {
  return {
    value: json === "" ? undefined : (JSON.parse(json) as Json),
    meta: meta === undefined ? undefined : (JSON.parse(meta) as Json),
    attachments: attachments?.map((bytes) => new Uint8Array(bytes)),
  };
}

/** A value after its way: without meta and attachments it is JSON as it stands, and nobody decodes it. */
export function carried({ serializer, other }: SerializerStage, value: unknown): unknown {
  const received = arrived(serializer.encode(value));
  return isPlain(received) ? received.value : other.decode(received);
}

export function isPlain({ meta, attachments }: Received): boolean {
  return meta === undefined && attachments === undefined;
}

/** The value cannot travel, and the error says which part of it. Known by its shape, not by its class. */
export function refusedAt(serializer: Serializer, value: unknown, ...parts: readonly string[]): void {
  const error = thrown(() => serializer.encode(value));
  assert.ok(error !== undefined, "It was encoded; expected was an error.");
  const code = error.code;
  assert.ok(code === "unsupported" || code === "too-deep", `The code of the error is ${code}. ${error.message}`);
  assert.equal(error.retryable, false, "No repetition helps.");
  assert.equal(typeof error.path, "string", "The error's `path` says which part.");
  for (const part of parts) assert.ok(error.path.includes(part), `The path ${error.path} has no ${part} in it.`);
}

/** What was received is refused as nothing that `encode` makes. */
export function malformed(serializer: Serializer, received: Received, what: string): void {
  const error = thrown(() => serializer.decode(received));
  assert.ok(error !== undefined, `It was decoded: ${what}.`);
  assert.equal(error.code, "malformed", `The error's code, of ${what}. ${error.message}`);
}

interface Thrown extends Error {
  readonly code: string;
  readonly path: string;
  readonly retryable: boolean;
}

function thrown(call: () => unknown): Thrown | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Error, "What was thrown is no Error.");
    return error as Thrown;
  }
}
