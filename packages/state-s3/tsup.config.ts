import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

export default defineConfig([
  library({ index: "src/index.ts" }, { clean: ["!program.mjs", "!program.mjs.map"] }),
  // The worker with this store, ready to run anywhere: one file that needs nothing beside it.
  library(
    { program: "src/program.ts" },
    {
      clean: false,
      splitting: false,
      minify: true,
      noExternal: [/.*/],
      outExtension: () => ({ js: ".mjs" }),
    },
  ),
]);
