import { randomBytes } from "node:crypto";
import type { LaunchRequest } from "@skyburst/core";
import { LocalBackendError } from "./errors.ts";

/**
 * What a worker process is known by: its id is its label.
 *
 * The id stands on the command line of the process (`--skyburst-worker=<id>`), where any process of this machine finds
 * it, and in its environment, which the commands that it runs inherit. It is never used twice, so that a process number
 * that the system gave to somebody else can't be mistaken for a worker's.
 */
export interface Label {
  readonly sessionId: string;
  readonly launch: number;
  readonly slot: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of the store that the session is in; undefined: who launched the worker did not say. */
  readonly storeId: string | undefined;
  /** Its process was started before its session was there, and waited to be told what to do. */
  readonly waited: boolean;
}

export const ARGUMENT = "--skyburst-worker=";
export const VARIABLE = "SKYBURST_WORKER";

const SESSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const ID =
  /^([A-Za-z0-9][A-Za-z0-9._-]{0,99})\.(\d{1,6})\.(\d{1,6})\.([0-9a-z]{8,9})-[0-9a-f]{8}(w?)(?:-([0-9a-f]{16}))?$/;
const STORE = /^[0-9a-f]{16}$/;

/** What is known of a worker before its process is started. */
export type Known = Pick<LaunchRequest, "sessionId" | "launch" | "storeId"> & { readonly waits?: boolean | undefined };

export function newId({ sessionId, launch, storeId, waits }: Known, slot: number, now: number): string {
  const store = STORE.test(storeId) ? `-${storeId}` : "";
  return `${sessionId}.${launch}.${slot}.${now.toString(36)}-${randomBytes(4).toString("hex")}${waits ? "w" : ""}${store}`;
}

/** Undefined when it is not the id of a local worker. Ids are file names too, so nothing else may pass. */
export function parseId(id: string): Label | undefined {
  const match = ID.exec(id);
  if (!match) return undefined;
  const [, sessionId = "", launch, slot, startedAt = "", waits, storeId] = match;
  return {
    sessionId,
    launch: Number(launch),
    slot: Number(slot),
    startedAt: Number.parseInt(startedAt, 36),
    storeId,
    waited: waits === "w",
  };
}

/** @throws {LocalBackendError} `option`: the session's id can't stand in a label. */
export function assertSession(sessionId: string): void {
  if (SESSION.test(sessionId)) return;
  throw new LocalBackendError(
    "option",
    `session ${JSON.stringify(sessionId)} can't label a local worker: use at most 100 characters of A-Z a-z 0-9 . _ -, the first a letter or a digit.`,
  );
}
