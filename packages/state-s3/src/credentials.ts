import type { Connection } from "./connection.ts";

/** What the client signs with, as environment variables that every SDK of AWS reads. Of a borrowed client that can't tell it, nothing. */
export async function credentialsOf(connection: Connection): Promise<Readonly<Record<string, string>>> {
  const { client } = await connection.open();
  if (typeof client.config?.credentials !== "function") return {};
  const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}
