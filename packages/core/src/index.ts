export { StoreError } from "./store.ts";
export type { CreateOptions, Entry, GetOptions, Json, JsonObject, ListOptions, Page, SignalOption } from "./store.ts";
export type {
  SignedUrlOptions,
  StateStore,
  StoreErrorCode,
  StorePace,
  StoreReference,
  StoreRequests,
} from "./store.ts";
export { selfTest, type SelfTestCheck, type SelfTestOptions, type TestedStore } from "./self-test.ts";
export type { Cost, CostEstimator, Rate, StoreRates } from "./costs.ts";
export { BackendError } from "./backend.ts";
export type { Backend, BackendCapabilities, BackendErrorCode, BackendSignal } from "./backend.ts";
export type { LaunchProgram, LaunchRequest, LaunchResult, Refusal } from "./backend.ts";
export type { StopOptions, WorkerExit, WorkerSpec, WorkerStatus } from "./backend.ts";
export type { Blame, Cancelled, Failed, Outcome, Succeeded } from "./outcome.ts";
export { SkyburstError } from "./errors.ts";
export type { SkyburstErrorCode } from "./errors.ts";
export { SerializeError, serializer } from "./serializer/index.ts";
export type { Encoded, Received, Serializer } from "./serializer/index.ts";
export { Shared } from "./shared.ts";
export { task } from "./task.ts";
export type { Task, TaskContext } from "./task-context.ts";
export { open } from "./session/open.ts";
export type { OpenOptions } from "./session/open.ts";
export type { MapOptions, Mapped, Session } from "./session/session.ts";
export { attachSession, type AttachedSession } from "./session/attach.ts";
export { findSession, listSessions, type SessionEntry } from "./session/sessions.ts";
export { sweepSessions } from "./session/sweep.ts";
export type { OutcomeLines } from "./session/collector.ts";
export type { Feed } from "./session/feed.ts";
export type { TaskSource } from "./session/resolve-task.ts";
export type { SessionStatus } from "./session/status.ts";
export type { SessionUsage } from "./session/usage.ts";
