import type { S3Client } from "@aws-sdk/client-s3";
import { detailsOf, wasSent } from "./answer.ts";
import { AT_ONCE, makeClient } from "./client.ts";
import { Clock } from "./clock.ts";
import { S3StoreError } from "./errors.ts";
import type { BorrowedClient, Settings } from "./options.ts";
import type * as sdk from "./sdk.ts";
import { Turns } from "./turns.ts";
import { watch, type Envelope } from "./watch.ts";

export type Sdk = typeof sdk;
export type RequestKind = "create" | "get" | "list" | "put" | "delete";
/** What requests are made by. */
export interface Open {
  readonly sdk: Sdk;
  readonly client: Pick<S3Client, "send">;
}

/** The way to the service: a client, loaded and made on first use, and what its answers tell beside their content. */
export class Connection {
  readonly clock = new Clock();
  /** Requests that were sent, as they are billed. */
  readonly requests: Record<RequestKind, number> = { create: 0, get: 0, list: 0, put: 0, delete: 0 };
  /** Who answered; `undefined` before the first answer. */
  host: string | undefined;
  readonly #settings: Settings;
  readonly #borrowed: BorrowedClient | undefined;
  readonly #turns = new Turns(AT_ONCE);
  #open: Promise<{ readonly sdk: Sdk; readonly client: BorrowedClient }> | undefined;
  #owned: S3Client | undefined;
  #closed = false;

  constructor(settings: Settings, borrowed?: BorrowedClient) {
    this.#settings = settings;
    this.#borrowed = borrowed;
  }

  /** Sends a request, and reads its answer to the end before another takes its place. */
  async request<T>(kind: RequestKind, act: (open: Open) => Promise<T>): Promise<T> {
    const { sdk, client } = await this.open();
    return this.#turns.take(() => {
      // Nothing is sent again after the end.
      if (this.#closed) throw new S3StoreError("closed", "The store is closed.");
      return act({ sdk, client: this.#sender(client, kind) });
    });
  }

  open(): Promise<{ readonly sdk: Sdk; readonly client: BorrowedClient }> {
    // What could not be loaded is tried again.
    this.#open ??= this.#make().catch((error: unknown) => {
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }

  /** Milliseconds since the epoch by the service's clock, as answers of the last 30 s tell it. */
  now(): number {
    const now = this.clock.read();
    if (now !== undefined) return now;
    throw new S3StoreError(
      "unfit",
      "The service's answers have no Date header, by which leases are timed; use another.",
    );
  }

  close(): void {
    this.#closed = true;
    this.#owned?.destroy();
  }

  async #make(): Promise<{ readonly sdk: Sdk; readonly client: BorrowedClient }> {
    const sdk = await import("./sdk.ts");
    if (this.#borrowed) return { sdk, client: this.#borrowed };
    this.#owned = makeClient(sdk, this.#settings);
    watch(this.#owned.middlewareStack, (envelope) => this.#note(envelope));
    return { sdk, client: this.#owned };
  }

  /** Counts by what the SDK says that it sent. A borrowed client is left as it is: each command is watched by itself. */
  #sender(client: BorrowedClient, kind: RequestKind): Pick<S3Client, "send"> {
    const send = async (command: Parameters<S3Client["send"]>[0]) => {
      if (this.#borrowed) watch(command.middlewareStack, (envelope) => this.#note(envelope));
      try {
        // With options a client takes no handler of an earlier command, which would tell that one's store.
        const output = await (this.#borrowed ? client.send(command, {}) : client.send(command));
        this.requests[kind] += output.$metadata.attempts ?? 1;
        return output;
      } catch (error) {
        if (wasSent(error)) this.requests[kind] += detailsOf(error).attempts;
        throw error;
      }
    };
    return { send } as Pick<S3Client, "send">;
  }

  #note({ host, status, date }: Envelope): void {
    this.host = host ?? this.host;
    // What stands before a service that is down has a clock of its own.
    if (status < 500) this.clock.answered(date);
  }
}
