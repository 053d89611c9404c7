import type { StorePace } from "../../../packages/core/src/store.ts";

const s3: StorePace = { ttl: 60_000, commitInterval: 20_000, poll: [1000, 30_000], chunksPerSlot: 8 };
const directory: StorePace = { ttl: 10_000, commitInterval: 500, poll: [20, 1000], chunksPerSlot: 16 };
const between: StorePace = { ttl: 10_000, commitInterval: 2000, poll: [100, 2000], chunksPerSlot: 4 };

/** Of S3, of a directory, and of something between. */
export const paces = [s3, directory, between] as const;
