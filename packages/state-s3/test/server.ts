import { ministack, type S3Engine, s3rver, unavailable, versitygw } from "@skyburst/engines";
import { afterAll, beforeAll, describe } from "vitest";

const STARTS = { versitygw, ministack, s3rver } as const;

/** Tests on a server that is started for them. Where it can't be had, they are skipped by its name. */
export async function against(name: keyof typeof STARTS, body: (server: () => S3Engine) => void): Promise<void> {
  const missing = name === "s3rver" ? undefined : await unavailable(name);
  describe.skipIf(missing)(`on ${name}${missing ? `: ${missing}` : ""}`, () => {
    let server: S3Engine | undefined;
    beforeAll(async () => {
      server = await STARTS[name]();
      useCredentials(server);
    });
    afterAll(() => server?.stop());
    body(() => {
      if (server === undefined) throw new Error(`${name} is not running.`);
      return server;
    });
  });
}

/** Gives this process credentials as a user gives theirs, and nothing that the user of this machine has configured. */
export function useCredentials({
  accessKeyId,
  secretAccessKey,
}: Pick<S3Engine, "accessKeyId" | "secretAccessKey">): void {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  process.env.AWS_ACCESS_KEY_ID = accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
  process.env.AWS_CONFIG_FILE = "/dev/null";
  process.env.AWS_SHARED_CREDENTIALS_FILE = "/dev/null";
  process.env.AWS_EC2_METADATA_DISABLED = "true";
  // Clients that tests make themselves would tell everyone on Node 20 what the SDK's versions of 2027 need.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function read(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}
