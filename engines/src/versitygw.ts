import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBucket } from "./bucket.ts";
import { installOnce } from "./cache.ts";
import type { S3Engine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { goCommand } from "./go.ts";
import { run } from "./run.ts";
import { ServerProcess } from "./server-process.ts";

export interface Versitygw extends S3Engine {
  /** The program's own command, as `admin("create-user", "--access", …)`. */
  admin(...args: readonly string[]): Promise<string>;
}

/**
 * VersityGW on a directory, with signatures checked; what it acknowledged survives `kill`. The directory is a new one below
 * `place`; default: the system's place for temporary files.
 */
export async function versitygw(place = tmpdir()): Promise<Versitygw> {
  const program = await installVersitygw();
  const directory = mkdtempSync(join(place, "skyburst-versitygw-"));
  const [data, users] = [join(directory, "data"), join(directory, "users")];
  for (const path of [data, users]) mkdirSync(path);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const [accessKeyId, secretAccessKey] = ["tests", "not-a-secret"];
  const server = new ServerProcess({
    name: "versitygw",
    command: program,
    args: ["-q", "--keep-alive", "--port", `127.0.0.1:${port}`, "--iam-dir", users, "posix", data],
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    ready: async () => (await fetch(endpoint)).headers.get("server") === "VERSITYGW",
  });
  await server.start();
  return {
    port,
    endpoint,
    accessKeyId,
    secretAccessKey,
    bucket: () => makeBucket({ endpoint, accessKeyId, secretAccessKey }),
    admin: (...args) =>
      run(program, ["admin", "-a", accessKeyId, "-s", secretAccessKey, "--endpoint-url", endpoint, ...args]),
    kill: () => server.end("SIGKILL"),
    start: () => server.start(),
    async stop() {
      await server.end("SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
  };
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
