import type { S3Engine } from "@skyburst/engines";

/** Gives this process the credentials of a server, as a user gives theirs. */
export function useCredentialsOf({ accessKeyId, secretAccessKey }: S3Engine): void {
  process.env.AWS_ACCESS_KEY_ID = accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
  // What the user of this machine has configured is not asked for.
  process.env.AWS_CONFIG_FILE = "/dev/null";
  process.env.AWS_SHARED_CREDENTIALS_FILE = "/dev/null";
  process.env.AWS_EC2_METADATA_DISABLED = "true";
  for (const name of ["AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
    delete process.env[name];
}
