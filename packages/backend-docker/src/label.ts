import type { LaunchRequest } from "@skyburst/core";
import { DockerBackendError } from "./errors.ts";

/** What a container is known by, to any process that asks the engine. */
export const MANAGED = "skyburst:managed";
export const SESSION = "skyburst:session";
/** Of volumes: those with the same may be filled from each other. */
export const NODE = "skyburst:node";
export const WORKER = "skyburst:worker";
const LAUNCH = "skyburst:launch";
const SLOT = "skyburst:slot";
const STORE = "skyburst:store";

export interface Label {
  readonly id: string;
  readonly sessionId: string;
  readonly launch: number;
  readonly slot: number;
  readonly storeId: string | undefined;
}

/**
 * A worker's id is its container's name, which an engine gives away once: the same launch of the same slot, asked for again, finds
 * the container that is there.
 */
export function idOf({ token }: LaunchRequest, slot: number): string {
  return `skyburst-${token}-${slot}`;
}

/** An engine takes the beginning of a container's hash for its name: what is no id of ours must not be asked for. */
export function isId(text: string): boolean {
  return /^skyburst-[A-Za-z0-9-]{1,64}-\d{1,6}$/.test(text);
}

export function labelsOf(request: LaunchRequest, slot: number): Record<string, string> {
  return {
    [MANAGED]: "true",
    [SESSION]: request.sessionId,
    [WORKER]: idOf(request, slot),
    [LAUNCH]: String(request.launch),
    [SLOT]: String(slot),
    [STORE]: request.storeId,
  };
}

/** undefined: somebody else's container. */
export function labelIn(labels: Readonly<Record<string, string>> = {}): Label | undefined {
  const { [WORKER]: id, [SESSION]: sessionId, [LAUNCH]: launch, [SLOT]: slot, [STORE]: storeId } = labels;
  if (id === undefined || sessionId === undefined || launch === undefined || slot === undefined) return undefined;
  return { id, sessionId, launch: Number(launch), slot: Number(slot), storeId };
}

/** @throws {DockerBackendError} `option`: what can't stand in a label or a name. */
export function checkRequest({ sessionId, token }: LaunchRequest): void {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(token))
    throw new DockerBackendError("option", `token ${JSON.stringify(token)}: use at most 64 of A-Z a-z 0-9 -.`);
  if (sessionId === "" || sessionId.length > 200)
    throw new DockerBackendError("option", `session ${JSON.stringify(sessionId)}: use 1 to 200 characters.`);
}
