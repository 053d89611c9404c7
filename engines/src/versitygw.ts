import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { installOnce } from "./cache.ts";
import type { S3Engine } from "./engine.ts";
import { goCommand } from "./go.ts";
import { run } from "./run.ts";
import { s3Server } from "./s3-server.ts";

export interface Versitygw extends S3Engine {
  /** The program's own command, as `admin("create-user", "--access", …)`. */
  admin(...args: readonly string[]): Promise<string>;
}

/**
 * VersityGW on a directory, with signatures checked; what it acknowledged survives `kill`. The directory is a new one below
 * `place`; default: the system's place for temporary files.
 *
 * @param listen Address of this machine that it listens on, so that containers can reach it too. Default: its loopback.
 */
export async function versitygw(place?: string, listen = "127.0.0.1"): Promise<Versitygw> {
  const command = await installVersitygw();
  const [accessKeyId, secretAccessKey] = ["tests", "not-a-secret"];
  const engine = await s3Server({
    name: "versitygw",
    accessKeyId,
    secretAccessKey,
    place,
    program({ directory, port, endpoint }) {
      const [data, users] = [join(directory, "data"), join(directory, "users")];
      for (const path of [data, users]) mkdirSync(path);
      return {
        command,
        args: ["-q", "--keep-alive", "--port", `${listen}:${port}`, "--iam-dir", users, "posix", data],
        env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
        ready: async () => (await fetch(endpoint)).headers.get("server") === "VERSITYGW",
      };
    },
  });
  const asRoot = ["admin", "-a", accessKeyId, "-s", secretAccessKey, "--endpoint-url", engine.endpoint];
  return { ...engine, admin: (...args) => run(command, [...asRoot, ...args]) };
}

export async function installVersitygw(): Promise<string> {
  const place = await installOnce(`versitygw-${VERSION}`, async (directory) => {
    const what = `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`;
    await run(await goCommand(), ["install", "-ldflags", "-s -w", what], {
      GOBIN: directory,
      GOTOOLCHAIN: "auto",
      // No C compiler is needed, nor what it links to.
      CGO_ENABLED: "0",
    });
  });
  return join(place, "versitygw");
}

const VERSION = "1.8.0";
