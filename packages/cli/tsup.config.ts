import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";
import manifest from "./package.json" with { type: "json" };

export default defineConfig(
  library(
    { index: "src/index.ts", bin: "src/bin.ts" },
    {
      // Every file that Node opens and every line that it parses delays each call of the command.
      noExternal: ["@skyburst/core", "@skyburst/state-fs", "@skyburst/backend-local", "commander"],
      external: ["@skyburst/bundle"],
      minifySyntax: true,
      minifyWhitespace: true,
      define: { SKYBURST_VERSION: JSON.stringify(manifest.version) },
      // Commander is CommonJS and requires modules of Node.
      banner: {
        js: 'import { createRequire as $createRequire } from "node:module"; const require = $createRequire(import.meta.url);',
      },
      // The directory store looks for its worker program beside the file that it is in.
      onSuccess: () => copyFile(fileURLToPath(import.meta.resolve("@skyburst/state-fs/program")), "dist/program.mjs"),
    },
  ),
);
