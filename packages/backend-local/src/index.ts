export { local } from "./backend.ts";
export type { LocalOptions } from "./options.ts";
export { LocalBackendError } from "./errors.ts";
