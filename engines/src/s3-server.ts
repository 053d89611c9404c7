import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBucket } from "./bucket.ts";
import type { S3Engine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { ServerProcess, type ServerProgram } from "./server-process.ts";

/** What is particular to one S3 server. */
export interface S3Server {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where its directory is made. Default: the system's place for temporary files. */
  readonly place?: string | undefined;
  /** How it is started, on its port, with what it keeps in its directory. */
  program(at: S3Place): Omit<ServerProgram, "name">;
}

export interface S3Place {
  /** A new one of this server's own. */
  readonly directory: string;
  readonly port: number;
  /** As `http://127.0.0.1:9000`. */
  readonly endpoint: string;
}

/** Starts an S3 server on a free port and a new directory. */
export async function s3Server(server: S3Server): Promise<S3Engine> {
  const { name, accessKeyId, secretAccessKey, place = tmpdir() } = server;
  const directory = mkdtempSync(join(place, `skyburst-${name}-`));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = new ServerProcess({ name, ...server.program({ directory, port, endpoint }) });
  await child.start();
  return {
    port,
    endpoint,
    accessKeyId,
    secretAccessKey,
    bucket: () => makeBucket({ endpoint, accessKeyId, secretAccessKey }),
    kill: () => child.end("SIGKILL"),
    start: () => child.start(),
    // Its data goes with it: nothing is left that an end in order would keep.
    async stop() {
      await child.end("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
