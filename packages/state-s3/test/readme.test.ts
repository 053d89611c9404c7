import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { against } from "./server.ts";

const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");

await against("versitygw", (server) => {
  test("the snippet of the README runs, and prints what its comments say", async () => {
    const [, snippet = ""] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
    // Below the package, which finds itself by its own name.
    const place = mkdtempSync(join(fileURLToPath(new URL("..", import.meta.url)), "readme-"));
    try {
      writeFileSync(join(place, "snippet.mjs"), snippet.replace("my-bucket", await server().bucket()));
      const env = { ...process.env, AWS_ENDPOINT_URL_S3: server().endpoint };
      const { stdout } = await promisify(execFile)(process.execPath, [join(place, "snippet.mjs")], { env });
      expect(stdout).toBe("true\ntrue\nfalse\nnotes/1 4\n");
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});
