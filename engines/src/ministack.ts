import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { S3Engine } from "./engine.ts";
import { pythonProgram } from "./python.ts";
import { s3Server } from "./s3-server.ts";

/** MiniStack: S3, ECS, ECR and logs; here with its S3 on disk, so that it survives `kill`. */
export async function ministack(): Promise<S3Engine> {
  const command = await installMinistack();
  return s3Server({
    name: "ministack",
    // The only ones whose signed URLs it takes.
    accessKeyId: "test",
    secretAccessKey: "test",
    program({ directory, port, endpoint }) {
      const [objects, state] = [join(directory, "s3"), join(directory, "state")];
      for (const path of [objects, state]) mkdirSync(path);
      return {
        command,
        args: [],
        cwd: directory,
        env: {
          GATEWAY_PORT: String(port),
          S3_PERSIST: "1",
          S3_DATA_DIR: objects,
          PERSIST_STATE: "1",
          STATE_DIR: state,
        },
        ready: async () => {
          const health = (await (await fetch(`${endpoint}/_ministack/health`)).json()) as { readonly version?: string };
          return health.version === VERSION;
        },
      };
    },
  });
}

export function installMinistack(): Promise<string> {
  return pythonProgram(`ministack-${VERSION}`, [`ministack==${VERSION}`, "docker==7.2.0"], "ministack");
}

const VERSION = "1.5.33";
