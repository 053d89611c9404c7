import { BackendError } from "@skyburst/core";
import type { Listed, Start, Started, Stop } from "./protocol.ts";

/** One agent, as the backend talks to it. What goes wrong is said in the contract's words. */
export class AgentClient {
  readonly #url: string;
  readonly #secret: string;

  constructor(url: string, secret: string) {
    this.#url = url;
    this.#secret = secret;
  }

  async upload(program: Uint8Array, signal?: AbortSignal): Promise<void> {
    await this.#ask("POST", "/programs", program, signal);
  }

  async start(start: Start, signal?: AbortSignal): Promise<Started> {
    return (await this.#ask("POST", "/workers", JSON.stringify(start), signal)) as Started;
  }

  async list(sessionId: string, signal?: AbortSignal): Promise<Listed> {
    return (await this.#ask("GET", `/workers?session=${encodeURIComponent(sessionId)}`, undefined, signal)) as Listed;
  }

  async stop(stop: Stop, signal?: AbortSignal): Promise<void> {
    await this.#ask("POST", "/stop", JSON.stringify(stop), signal);
  }

  async logs(worker: string, signal?: AbortSignal): Promise<string> {
    const answer = await this.#ask("GET", `/logs?worker=${encodeURIComponent(worker)}`, undefined, signal);
    return (answer as { readonly text: string }).text;
  }

  async #ask(method: string, path: string, body?: Uint8Array | string, signal?: AbortSignal): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#secret}` };
    let response: Response;
    try {
      response = await fetch(this.#url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new BackendError("unavailable", `The agent ${this.#url} does not answer: is it running?`, { cause });
    }
    if (response.status === 401)
      throw new BackendError("permission", `The agent ${this.#url} has another secret: give it as \`secret\`.`);
    if (!response.ok) throw new BackendError("unavailable", `The agent ${this.#url} answered ${response.status}.`);
    return await response.json();
  }
}
