export { bundleClosure } from "./bundle-closure.ts";
export type { BundleClosureOptions } from "./bundle-closure.ts";
export { bundleModule } from "./bundle-module.ts";
export type { BundleModuleOptions } from "./bundle-module.ts";
export { exportByCall } from "./export-by-call.ts";
export type { TaskCall } from "./export-by-call.ts";
export { BundleError } from "./errors.ts";
export type { BundleErrorCode } from "./errors.ts";
export type { Program } from "./program.ts";
