import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * What threads are started with, as the text of a script: a file would have to be found beside every program that a worker
 * is bundled into, and a module takes longer to start.
 */
export async function threadSource(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("src/thread.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    minify: true,
  });
  return outputFiles.map(({ text }) => text).join("");
}
