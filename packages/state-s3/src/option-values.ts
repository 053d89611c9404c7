import { S3StoreError } from "./errors.ts";
import { listedKeyFault } from "./key.ts";
import type { Encryption } from "./options.ts";

export function bucketOf(value: unknown): string {
  if (typeof value !== "string" || !/^(arn:[^\s]+|[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])$/.test(value))
    throw refused("bucket", value, "give the name of a bucket that exists, or its ARN");
  if (value.endsWith("--x-s3"))
    throw refused(
      "bucket",
      value,
      "a directory bucket (S3 Express One Zone) lists in no order and from no key on; give a general purpose bucket",
    );
  return value;
}

export function rootOf(value: unknown): string {
  if (value === undefined || value === "") return "";
  const path = textOf("prefix", value)?.replace(/\/$/, "") ?? "";
  if (listedKeyFault(path) !== undefined || Buffer.byteLength(path) > LONGEST_PREFIX)
    throw refused("prefix", value, `give a path as "team/jobs" of at most ${LONGEST_PREFIX} bytes`);
  return `${path}/`;
}

export function endpointOf(value: unknown): string | undefined {
  const text = textOf("endpoint", value);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw refused("endpoint", value, "give a URL as https://s3.example.com");
  if (url.username !== "" || url.password !== "")
    throw new S3StoreError(
      "option",
      "The store's `endpoint` has a user or password in it, and workers are told it in the open: give credentials by the environment.",
    );
  return text.replace(/\/$/, "");
}

export function encryptionOf(value: unknown): Encryption | undefined {
  if (value === undefined || value === "AES256" || value === "aws:kms") return value;
  if (typeof value === "object" && value !== null && "kmsKeyId" in value && Object.keys(value).length === 1) {
    const { kmsKeyId } = value;
    if (typeof kmsKeyId === "string" && kmsKeyId !== "") return { kmsKeyId };
  }
  throw refused("encryption", value, 'give "AES256", "aws:kms" or { kmsKeyId }');
}

export function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw refused(name, value, "give a text that is not empty");
}

export function flagOf(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw refused(name, value, "give true or false");
}

export function refuseUnknown(options: object): void {
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown === undefined) return;
  throw new S3StoreError(
    "option",
    `An S3 store has no option \`${unknown}\`: it takes ${KNOWN.join(", ")} and client.`,
  );
}

export function refused(name: string, value: unknown, advice: string): S3StoreError {
  return new S3StoreError("option", `The store's \`${name}\` is ${JSON.stringify(value) ?? String(value)}: ${advice}.`);
}

const KNOWN = ["bucket", "prefix", "region", "endpoint", "forcePathStyle", "encryption", "pace"];

/** The protocol's own keys are at most some 200 bytes long, and a key and the prefix share 1,024. */
const LONGEST_PREFIX = 512;
