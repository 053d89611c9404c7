export { defineConfig } from "./define-config.ts";
export type { Config } from "./define-config.ts";
