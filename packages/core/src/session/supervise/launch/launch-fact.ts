import type { WorkerSpec } from "../../../backend.ts";

/** A launch as it was decided, whole: whoever reads it can make the same call of the provider again. */
export interface LaunchFact {
  readonly v: 1;
  readonly count: number;
  readonly token: string;
  readonly because: string;
  readonly by: string;
  /** Name of the backend. */
  readonly backend: string;
  /** The planned fleet. */
  readonly workers: number;
  /** The ledger entry that its workers begin at. */
  readonly rev: number;
  /** Store time when that was the newest, in milliseconds. */
  readonly at: number;
  /** What the first tasks are. */
  readonly kind: "function" | "command";
  /** SHA-256 of the worker program. */
  readonly program: string;
  /** Without its environment: that is nobody's business but the client's. */
  readonly spec: Omit<WorkerSpec, "env">;
}
