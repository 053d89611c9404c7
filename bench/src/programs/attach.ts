import { attachSession } from "@skyburst/core";
import { directory } from "@skyburst/state-fs";
import { s3 } from "@skyburst/state-s3";
import type { S3Options } from "@skyburst/state-s3";

/**
 * Attaches to a session on a directory (`directory`) or on S3 (the store's options as JSON), and prints its state as JSON with what
 * that took: seconds, and requests to the store.
 */
const [place = "directory", session = ""] = process.argv.slice(2);
const store = place === "directory" ? directory(".skyburst") : s3(JSON.parse(place) as S3Options);
const began = performance.now();
const attached = await attachSession(store, session);
const status = await attached.status();
const seconds = (performance.now() - began) / 1000;
const requests = Object.values(store.requests ?? {}).reduce((sum, one) => sum + one, 0);
await store.close?.();
process.stdout.write(JSON.stringify({ seconds, requests, status }));
