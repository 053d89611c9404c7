/** A server of somebody else's that runs for tests, on a port of its own. */
export interface Engine {
  /** Stays the same through `kill` and `start`. */
  readonly port: number;
  /** Ends it as a crash would, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data, and resolves when it answers. */
  start(): Promise<void>;
  /** Ends it and removes its data. Idempotent. */
  stop(): Promise<void>;
}

/** An S3 service. */
export interface S3Engine extends Engine {
  /** As `http://127.0.0.1:9000`; for the path style. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Makes a bucket and resolves with its name. */
  bucket(): Promise<string>;
}
