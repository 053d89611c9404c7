import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBucket } from "./bucket.ts";
import type { S3Engine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { pythonProgram } from "./python.ts";
import { ServerProcess } from "./server-process.ts";

/** MiniStack: S3, ECS, ECR and logs; here with its S3 on disk, so that it survives `kill`. */
export async function ministack(): Promise<S3Engine> {
  const program = await installMinistack();
  const directory = mkdtempSync(join(tmpdir(), "skyburst-ministack-"));
  for (const name of ["s3", "state"]) mkdirSync(join(directory, name));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  // The only ones whose signed URLs it takes.
  const [accessKeyId, secretAccessKey] = ["test", "test"];
  const server = new ServerProcess({
    name: "ministack",
    command: program,
    args: [],
    cwd: directory,
    env: {
      GATEWAY_PORT: String(port),
      S3_PERSIST: "1",
      S3_DATA_DIR: join(directory, "s3"),
      PERSIST_STATE: "1",
      STATE_DIR: join(directory, "state"),
    },
    ready: async () => {
      const health = (await (await fetch(`${endpoint}/_ministack/health`)).json()) as { readonly version?: string };
      return health.version === VERSION;
    },
  });
  await server.start();
  return {
    port,
    endpoint,
    accessKeyId,
    secretAccessKey,
    bucket: () => makeBucket({ endpoint, accessKeyId, secretAccessKey }),
    kill: () => server.end("SIGKILL"),
    start: () => server.start(),
    async stop() {
      await server.end("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function installMinistack(): Promise<string> {
  return pythonProgram(`ministack-${VERSION}`, [`ministack==${VERSION}`, "docker==7.2.0"], "ministack");
}

const VERSION = "1.5.33";
