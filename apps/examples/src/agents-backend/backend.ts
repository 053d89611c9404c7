import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Backend, BackendError, type LaunchRequest, type LaunchResult, type Refusal } from "@skyburst/core";
import { AgentClient } from "./agent-client.ts";
import type { Start } from "./protocol.ts";

export interface AgentsOptions {
  /** Of the agents, always in the same order. */
  readonly urls: readonly string[];
  readonly secret: string;
  /** Most workers of one agent. */
  readonly perAgent: number;
}

/** Workers on machines of one's own, on each of which an agent runs. */
export function agents({ urls, secret, perAgent }: AgentsOptions): Backend {
  const clients = urls.map((url) => new AgentClient(url, secret));
  let closed = false;
  const enter = (signal: AbortSignal | undefined) => {
    if (closed) throw new BackendError("closed", "This backend was closed: make another with agents().");
    signal?.throwIfAborted();
  };

  return {
    name: "agents",
    capabilities: {
      spec: ["slots", "env"],
      maxWorkers: urls.length * perAgent,
      slots: 1,
      token: true,
      sharesFileSystem: false,
      spot: false,
    },

    async launch(request, { signal } = {}) {
      enter(signal);
      return await launch(request, clients, signal);
    },

    /** One agent that does not answer fails the call: its workers would be taken for gone. */
    async list(sessionId, { signal } = {}) {
      enter(signal);
      const listed = await Promise.all(clients.map((client) => client.list(sessionId, signal)));
      return listed.flatMap(({ workers }) => workers);
    },

    /** Each agent knows its own; an id of another's is nothing to it. */
    async stop(ids, { signal, grace = 10_000 } = {}) {
      enter(signal);
      if (ids.length > 0) await Promise.all(clients.map((client) => client.stop({ ids, grace }, signal)));
    },

    async capacity(_spec, { signal } = {}) {
      enter(signal);
      const listed = await Promise.all(clients.map((client) => client.list("", signal)));
      return listed.reduce((sum, { free }) => sum + free, 0);
    },

    /** By these, `gc` finds workers that nobody cares for any more. */
    async sessions({ signal } = {}) {
      enter(signal);
      const listed = await Promise.all(clients.map((client) => client.list("", signal)));
      const all = listed.flatMap(({ sessions }) => sessions).map((session) => [session.sessionId, session] as const);
      return [...new Map(all).values()];
    },

    async logs(worker, { signal } = {}) {
      enter(signal);
      return (await Promise.all(clients.map((client) => client.logs(worker, signal)))).join("");
    },

    /** Connections are fetch's own, and workers go on. */
    async close() {
      closed = true;
    },
  };
}

async function launch(
  request: LaunchRequest,
  clients: readonly AgentClient[],
  signal: AbortSignal | undefined,
): Promise<LaunchResult> {
  const program = await verified(request);
  if (typeof program === "string") return refuseAll(request, "option", program);
  const started: { slot: number; id: string }[] = [];
  const refused: Refusal[] = [];
  const uploads = new Map<AgentClient, Promise<void>>();
  for (const slot of request.slots) {
    // Always the same agent for the same slot: it is the one that remembers the token.
    const client = clients[slot % clients.length];
    if (client === undefined) throw new BackendError("option", "There are no agents: give `urls`.");
    const upload = uploads.get(client) ?? client.upload(program, signal);
    uploads.set(client, upload);
    try {
      await upload;
      const { id } = await client.start(startOf(request, slot), signal);
      if (id === undefined) refused.push({ slot, kind: "capacity", message: "The agent runs as many as it may." });
      else started.push({ slot, id });
    } catch (error) {
      signal?.throwIfAborted();
      // The others may be well: only this slot is refused.
      refused.push(refusal(slot, error));
    }
  }
  return { started, refused };
}

/** The bytes of the program, or why nothing can be started. */
async function verified({ spec, program }: LaunchRequest): Promise<Uint8Array | string> {
  const unknown = Object.entries(spec).find(
    ([name, value]) => value !== undefined && name !== "env" && name !== "slots",
  );
  if (unknown) return `Agents know no \`${unknown[0]}\`: leave it out of the spec.`;
  try {
    const bytes = await readFile(fileURLToPath(program.url));
    if (createHash("sha256").update(bytes).digest("hex") === program.sha256) return bytes;
    return `The program ${program.url} does not have the SHA-256 ${program.sha256}.`;
  } catch (error) {
    return `The program ${program.url} can't be read: ${String(error)}`;
  }
}

function startOf({ sessionId, storeId, launch, token, args, spec, program }: LaunchRequest, slot: number): Start {
  return { sessionId, storeId, launch, token, args, slot, sha256: program.sha256, env: spec.env ?? {} };
}

function refusal(slot: number, error: unknown): Refusal {
  if (!(error instanceof BackendError) || (error.code !== "unavailable" && error.code !== "permission")) throw error;
  return { slot, kind: error.code, message: error.message };
}

function refuseAll({ slots }: LaunchRequest, kind: Refusal["kind"], message: string): LaunchResult {
  return { started: [], refused: slots.map((slot) => ({ slot, kind, message })) };
}
