import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";
import { threadSource } from "./thread-source.ts";

export default defineConfig(async () =>
  library({ index: "src/index.ts" }, { define: { SKYBURST_THREAD: JSON.stringify(await threadSource()) } }),
);
