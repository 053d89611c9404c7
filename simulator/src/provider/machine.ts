import type { LaunchRequest, WorkerExit, WorkerStatus } from "../../../packages/core/src/backend.ts";
import type { Death, SimProcess } from "../process.ts";

/** A worker as its provider has it. */
export interface Machine {
  readonly id: string;
  status: WorkerStatus;
  /** What the provider says of it, which may be late or false. */
  told: WorkerStatus;
  readonly process: SimProcess;
  readonly terminate: () => void;
  /** Who launched it, and got to know of it. */
  readonly launcher: string;
  answered: boolean;
  asked: boolean;
  forgotten: boolean;
  /** Nobody can know that it runs: a second one of the same slot, at no fault of anybody's, or one that is said to be gone. */
  hidden: boolean;
  /** When it was launched, in virtual milliseconds, and from when on it is listed. */
  readonly at: number;
  readonly listed: number;
  /** When its program began and ended, in virtual milliseconds: what is billed. */
  from?: number;
  to?: number;
}

/** A worker program that is about to be started: its process, how it begins, and how it is asked to end. */
export interface Started {
  readonly process: SimProcess;
  readonly begin: () => void;
  readonly terminate: () => void;
}

export type StartWorker = (name: string, request: LaunchRequest, slot: number) => Started;

export const exits: Readonly<Record<Death, WorkerExit>> = {
  end: { code: 0, reason: "done" },
  error: { code: 1, reason: "error" },
  oom: { code: 137, reason: "oom", memory: 4e9 },
  spot: { code: 143, reason: "spot" },
  killed: { signal: "SIGKILL", reason: "stopped" },
  lost: { reason: "lost" },
};
