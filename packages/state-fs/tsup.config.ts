import { defineConfig } from "tsup";
import { storeLibrary } from "../../tsup.base.ts";

export default defineConfig(storeLibrary());
