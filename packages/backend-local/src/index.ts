export { local } from "./backend.ts";
export type { LocalOptions } from "./options.ts";
export { startWaiting } from "./waiting.ts";
export type { WaitingStart, WaitingWorker } from "./waiting.ts";
export { LocalBackendError } from "./errors.ts";
