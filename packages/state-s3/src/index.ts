export { S3StoreError } from "./errors.ts";
export type { Encryption, S3Options } from "./options.ts";
export { policy, type Policy, type PolicyOptions, type Statement } from "./policy.ts";
export { open, s3 } from "./store.ts";
