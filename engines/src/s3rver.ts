import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeBucket } from "./bucket.ts";
import type { S3Engine } from "./engine.ts";
import { freePort } from "./free-port.ts";
import { ServerProcess } from "./server-process.ts";

/** S3rver, which takes no notice of `If-None-Match`: what a store must refuse. */
export async function s3rver(): Promise<S3Engine> {
  const directory = mkdtempSync(join(tmpdir(), "skyburst-s3rver-"));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const [accessKeyId, secretAccessKey] = ["S3RVER", "S3RVER"];
  const manifest = createRequire(import.meta.url).resolve("s3rver/package.json");
  const server = new ServerProcess({
    name: "s3rver",
    command: process.execPath,
    args: [
      join(dirname(manifest), "bin/s3rver.js"),
      "-d",
      directory,
      "-a",
      "127.0.0.1",
      "-p",
      String(port),
      "--silent",
    ],
    ready: async () => (await (await fetch(endpoint)).text()).includes("<DisplayName>S3rver</DisplayName>"),
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
