export { StoreError } from "./store.ts";
export { keyFault } from "./key-fault.ts";
export type { CreateOptions, Entry, GetOptions, Json, JsonObject, ListOptions, Page, SignalOption } from "./store.ts";
export type { SignedUrlOptions, StateStore, StoreErrorCode, StorePace } from "./store.ts";
export type { StoreReference, StoreRequests } from "./store.ts";
export { selfTest, type SelfTestCheck, type SelfTestOptions, type TestedStore } from "./self-test.ts";
export type { Cost, CostEstimator, Rate, StoreRates } from "./costs.ts";
export { prices, type PriceSheet, type RequestPrices } from "./prices.ts";
export { BackendError } from "./backend.ts";
export type { Backend, BackendCapabilities, BackendErrorCode, BackendSignal } from "./backend.ts";
export type { LaunchProgram, LaunchRequest, LaunchResult, ManagedSession, Refusal } from "./backend.ts";
export type { LaunchOptions, StopOptions, WorkerExit, WorkerSpec, WorkerStatus } from "./backend.ts";
export type { Blame, Cancelled, Failed, Outcome, Succeeded } from "./outcome.ts";
export { SkyburstError, type SkyburstErrorCode } from "./errors.ts";
export { SerializeError, serializer, type Encoded, type Received, type Serializer } from "./serializer/index.ts";
export { Shared } from "./shared.ts";
export { task } from "./task.ts";
export type { Task, TaskContext } from "./task-context.ts";
export { open, quoteJob, reproduceTask, supervise, usd } from "./session/index.ts";
export { attachSession, findSession, gc, listSessions, removeSession, sweepSessions } from "./session/index.ts";
export type { AttachedSession, AttachOptions, Budget, CancelOptions, CancelResult, CostKind } from "./session/index.ts";
export type { CostSpread, EventOptions, EventOutcome, EventReading, ExtendResult, Extension } from "./session/index.ts";
export type { Feed, FleetStatus, Garbage, GarbageReason, GcOptions, HourlyRate, JobEstimate } from "./session/index.ts";
export type { JobModel, ListSessionsOptions, MapOptions, Mapped, Money, OpenOptions } from "./session/index.ts";
export type { OutcomeLines, Quote, QuotedEstimate, QuoteOptions, QuotePlace, Reading } from "./session/index.ts";
export type { ReadOptions, Receipt, Removed, RemoveOptions, ReproduceOptions, Reproduction } from "./session/index.ts";
export type {
  ReproductionEnd,
  Retries,
  RetryResult,
  Secrets,
  Session,
  SessionCost,
  SessionEntry,
} from "./session/index.ts";
export type { SessionEvent, SessionStatus, SessionUsage, Spread, StatusOptions } from "./session/index.ts";
export type { SubmitAllOptions, Submitted, SubmitterIdentity, SuperviseEnd } from "./session/index.ts";
export type { SuperviseOptions, TaskSource, TriedJob } from "./session/index.ts";
