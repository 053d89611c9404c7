import { readFileSync } from "node:fs";
import type { StorePace } from "@skyburst/core";
import { unavailable, versitygw } from "@skyburst/engines";
import { checkResults } from "./check.ts";
import type { Results } from "./check.ts";
import type { Bench } from "./figure.ts";
import { node, program, run } from "./program.ts";

/** An S3 service on this machine, and how programs reach an empty bucket in it. */
export interface S3Server {
  /** Options of the store, as JSON. */
  readonly options: string;
  /** Credentials, where the SDK looks for them, and nothing that the user of this machine has configured. */
  readonly env: Readonly<Record<string, string>>;
}

/** Why there is no S3 service here; undefined: there is. */
export function noS3(): Promise<string | undefined> {
  return unavailable("versitygw");
}

/**
 * Calls `act` with a service of its own, that checks signatures, on a new directory, bound to the processors that this process is
 * bound to. `pace`: of the store; default: its own, which is made for a service that bills each request.
 */
export async function withS3<T>(
  bench: Bench,
  act: (server: S3Server) => Promise<T>,
  pace?: Partial<StorePace>,
): Promise<T> {
  const server = await versitygw(bench.places.next("versitygw"));
  try {
    const options = JSON.stringify({ bucket: await server.bucket(), endpoint: server.endpoint, pace });
    const env = {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    };
    return await act({ options, env });
  } finally {
    await server.kill();
  }
}

/** What a program of this package prints as JSON, when it is given the service and these arguments. */
export async function runOnS3<T>(
  bench: Bench,
  { options, env }: S3Server,
  name: string,
  ...args: readonly string[]
): Promise<T> {
  const place = bench.places.next(name);
  const { stdout } = await run(node(program(name), options, ...args), { place, env });
  return JSON.parse(readFileSync(stdout, "utf8")) as T;
}

/** @throws {Error} unless the bucket holds one success for each of so many tasks. */
export async function checkBucket(bench: Bench, server: S3Server, tasks: number): Promise<void> {
  checkResults(server.options, await runOnS3<Results>(bench, server, "count"), tasks);
}
