import type { Shared } from "@skyburst/core";
import { WorkerError } from "../errors.ts";

/** Values of `session.share`, each asked for once per thread. */
export class SharedValues {
  readonly #request: (sha256: string) => void;
  readonly #decode: (bytes: Uint8Array) => unknown;
  readonly #values = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(request: (sha256: string) => void, decode: (bytes: Uint8Array) => unknown) {
    this.#request = request;
    this.#decode = decode;
  }

  get<T>({ sha256 }: Pick<Shared<T>, "sha256">): Promise<T> {
    const known = this.#values.get(sha256) ?? this.#ask(sha256);
    return known as Promise<T>;
  }

  /** The answer to a request. A value that could not be had is asked for again by the next task that needs it. */
  settle(sha256: string, bytes: Uint8Array | undefined, problem: string): void {
    const waiting = this.#waiting.get(sha256);
    if (waiting === undefined) return;
    this.#waiting.delete(sha256);
    if (bytes !== undefined) {
      waiting.resolve(bytes);
    } else {
      this.#values.delete(sha256);
      waiting.reject(
        new WorkerError("unfetched", `The shared value ${sha256.slice(0, 12)} could not be fetched: ${problem}`),
      );
    }
  }

  #ask(sha256: string): Promise<unknown> {
    const bytes = new Promise<Uint8Array>((resolve, reject) => this.#waiting.set(sha256, { resolve, reject }));
    const value = bytes.then(this.#decode);
    this.#values.set(sha256, value);
    this.#request(sha256);
    return value;
  }
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}
