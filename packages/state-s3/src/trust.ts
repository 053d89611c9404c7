import { selfTest } from "@skyburst/core";
import type { Bucket } from "./bucket.ts";
import { placeOf } from "./bucket.ts";
import { createOnce } from "./create.ts";
import { S3StoreError } from "./errors.ts";
import { pages } from "./list.ts";
import { isAws } from "./options.ts";
import { fetchObject } from "./read.ts";
import { removeObjects } from "./remove.ts";

/** Whether the service is known to keep the contract of `create`: AWS is, any other shows it once per bucket. */
export class Trust {
  readonly #bucket: Bucket;
  #proof: Promise<void> | undefined;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** Resolves when it is, or when nobody has said yet who the service is. Shared by calls at the same time. */
  proven(): Promise<void> | undefined {
    if (this.#proof) return this.#proof;
    const { connection, settings } = this.#bucket;
    const host = connection.host ?? (settings.endpoint && new URL(settings.endpoint).hostname);
    if (host === undefined || isAws(host)) return undefined;
    this.#proof = this.#prove().catch((error: unknown) => {
      // What kept it from being tested may pass; a test that was not passed stays so.
      if (!(error instanceof S3StoreError && error.code === "unfit")) this.#proof = undefined;
      throw error;
    });
    return this.#proof;
  }

  async #prove(): Promise<void> {
    const bucket = this.#bucket;
    const checks = await selfTest({
      create: (key, body, { exclusive = false, signal } = {}) => createOnce(bucket, key, body, { exclusive, signal }),
      get: (key, options = {}) => fetchObject(bucket, key, options),
      list: (prefix, options = {}) => pages(bucket, prefix, options),
      delete: (keys, { signal } = {}) => removeObjects(bucket, keys, signal),
    });
    const faults = checks.flatMap(({ fault }) => fault ?? []);
    if (faults.length === 0) return;
    throw new S3StoreError(
      "unfit",
      `The service of ${placeOf(bucket.settings)} can't carry a session, use another: ${faults.join("; ")}.`,
    );
  }
}
