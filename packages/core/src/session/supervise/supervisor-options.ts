import type { Backend, LaunchProgram, WorkerSpec } from "../../backend.ts";
import type { CostEstimator } from "../../costs.ts";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Runtime } from "../../runtime.ts";
import type { Secrets } from "../secrets.ts";
import type { LedgerView } from "../ledger-view.ts";
import type { Launches } from "./launch/launches.ts";
import type { RemainingWork } from "./work/remaining.ts";
import type { Spending } from "./money/spending.ts";
import type { SupervisorLease } from "./supervisor-lease.ts";

export interface SupervisorOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly view: LedgerView;
  readonly backend: Backend;
  readonly spec: WorkerSpec;
  /** The wish. That of the session, as its ledger tells, counts when it is larger. */
  readonly workers: number;
  readonly session: string;
  /** Client id, named as the owner of what it writes. Its heartbeat is the supervisor's as well. */
  readonly client: string;
  readonly program: () => Promise<LaunchProgram>;
  /** What its workers are given and nobody else sees. Default: nothing. */
  readonly secrets?: Secrets | undefined;
  /** What the session's budget is counted by. Default: what backend and store say of themselves. */
  readonly costs?: CostEstimator | undefined;
  /** The supervisor's lease that this client holds already, as who begins a session does. Default: none, so it is a candidate. */
  readonly epoch?: number | undefined;
  /** It has no work of its own: workers are there when the first submission comes. Default false. */
  readonly keeps?: boolean | undefined;
}

/** What outlives a tenure: the supervisor has it, whether it supervises or not. */
export interface TenureOptions extends SupervisorOptions {
  readonly lease: SupervisorLease;
  readonly launches: Launches;
  readonly remaining: RemainingWork;
  readonly spending: Spending;
  /** Milliseconds between two looks at everything. */
  readonly period: number;
  /** What this client's tasks are, when that is known. */
  readonly kind: () => "function" | "command" | undefined;
  /** It can't go on. */
  readonly failed: (why: unknown) => void;
}
