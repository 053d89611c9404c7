import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

export default defineConfig([
  library({ index: "src/index.ts" }, { clean: ["!stand-in.mjs", "!stand-in.mjs.map"] }),
  // A program, which the command has a copy of beside its own file.
  library({ "stand-in": "src/stand-in.ts" }, { clean: false, splitting: false, outExtension: () => ({ js: ".mjs" }) }),
]);
