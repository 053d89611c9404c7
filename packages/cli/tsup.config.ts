import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { defineConfig } from "tsup";
import type { Options } from "tsup";
import { library } from "../../tsup.base.ts";
import manifest from "./package.json" with { type: "json" };

/**
 * The command is one CommonJS file, a smaller one for a plain `run`, one that begins a job while these are loaded, one more for the docker
 * backend, and a small one before them that answers `--version`: every file that Node opens and every line that it parses delays each call, and its loader of ES modules takes a
 * tenth of the time of a short command.
 */
const command: Options = {
  format: "cjs",
  outExtension: () => ({ js: ".cjs" }),
  splitting: false,
  shims: false,
  clean: false,
  // A stack that somebody asks for is told in names and lines of the sources, by the maps beside the files.
  minify: true,
  noExternal: ["@skyburst/core", "@skyburst/state-fs", "@skyburst/backend-local", "commander"],
  external: ["@skyburst/bundle"],
  define: { SKYBURST_VERSION: JSON.stringify(manifest.version), "import.meta.url": "$url" },
};

const banner = { js: 'const $url = require("node:url").pathToFileURL(__filename).href;' };

export default defineConfig([
  library(
    { index: "src/index.ts", "verify-tasks": "src/verify/tasks/index.ts" },
    { clean: ["!*.cjs", "!*.cjs.map", "!program.mjs", "!stand-in.mjs"] },
  ),
  library(
    { bin: "src/bin.ts" },
    {
      ...command,
      esbuildPlugins: [
        besides("./main.ts", "./main.cjs"),
        besides("./run-main.ts", "./run.cjs"),
        besides("./early.ts", "./early.cjs"),
      ],
    },
  ),
  library({ run: "src/run-main.ts" }, { ...command, banner }),
  library({ early: "src/early.ts" }, { ...command, banner }),
  library(
    { docker: "src/docker-backend.ts" },
    { ...command, banner, noExternal: [/^@skyburst/, "tar-stream"], external: [] },
  ),
  library(
    { main: "src/main.ts" },
    {
      ...command,
      banner,
      esbuildPlugins: [besides("./docker-backend.ts", "./docker.cjs")],
      // The directory store looks for its worker program beside the file that it is in, and the local backend for its stand-in.
      onSuccess: async () => {
        await copyProgram("@skyburst/state-fs/program", "program.mjs");
        await copyProgram("@skyburst/backend-local/stand-in", "stand-in.mjs");
      },
    },
  ),
]);

async function copyProgram(module: string, name: string): Promise<void> {
  await copyFile(fileURLToPath(import.meta.resolve(module)), `dist/${name}`);
}

/** Leaves a module out, as a file of its own, which is required when it is asked for: to import it would take the loader of ES modules. */
function besides(module: string, path: string): NonNullable<Options["esbuildPlugins"]>[number] {
  return {
    name: "besides",
    setup(build) {
      build.onResolve({ filter: /./ }, (args) => {
        if (args.namespace === "beside" && args.path === path) return { path, external: true };
        return args.path === module ? { path, namespace: "beside" } : undefined;
      });
      build.onLoad({ filter: /./, namespace: "beside" }, (args) => ({
        contents: `module.exports = require(${JSON.stringify(args.path)});`,
      }));
    },
  };
}
