export type { LogChannel } from "@skyburst/core/protocol";
export { WorkerError } from "./errors.ts";
export type { WorkerErrorCode } from "./errors.ts";
export { main } from "./main.ts";
export type { MainOptions } from "./main.ts";
export { Worker } from "./worker.ts";
export type { WorkerEnd, WorkerOptions } from "./worker.ts";
export type { Assignment, AssignmentEnd, Report, RunSignals, Slot, Slots } from "./slot.ts";
