import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

export default defineConfig(
  library({
    index: "src/index.ts",
    "protocol/index": "src/protocol/index.ts",
    "serializer/index": "src/serializer/index.ts",
  }),
);
