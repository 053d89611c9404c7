export { StoreError } from "./store.ts";
export type { CreateOptions, Entry, Json, JsonObject, ListOptions, Page, SignalOption } from "./store.ts";
export type { StateStore, StoreErrorCode, StorePace, StoreReference } from "./store.ts";
export { BackendError } from "./backend.ts";
export type { Backend, BackendCapabilities, BackendErrorCode, BackendSignal } from "./backend.ts";
export type { LaunchProgram, LaunchRequest, LaunchResult, Refusal } from "./backend.ts";
export type { StopOptions, WorkerExit, WorkerSpec, WorkerStatus } from "./backend.ts";
export type { Blame, Cancelled, Failed, Outcome, Succeeded } from "./outcome.ts";
