import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { S3Engine } from "./engine.ts";
import { s3Server } from "./s3-server.ts";

/** S3rver, which takes no notice of `If-None-Match`: what a store must refuse. */
export function s3rver(): Promise<S3Engine> {
  const manifest = createRequire(import.meta.url).resolve("s3rver/package.json");
  const script = join(dirname(manifest), "bin/s3rver.js");
  return s3Server({
    name: "s3rver",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    program: ({ directory, port, endpoint }) => ({
      command: process.execPath,
      args: [script, "-d", directory, "-a", "127.0.0.1", "-p", String(port), "--silent"],
      ready: async () => (await (await fetch(endpoint)).text()).includes("<DisplayName>S3rver</DisplayName>"),
    }),
  });
}
