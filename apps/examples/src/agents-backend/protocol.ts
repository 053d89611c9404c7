import type { LaunchRequest, ManagedSession, WorkerStatus } from "@skyburst/core";

/** What a backend asks an agent to start. */
export interface Start extends Pick<LaunchRequest, "sessionId" | "storeId" | "launch" | "token" | "args"> {
  readonly slot: number;
  readonly sha256: string;
  readonly env: Readonly<Record<string, string>>;
}

/** `undefined`: as many workers as it may have run already. */
export interface Started {
  readonly id: string | undefined;
}

export interface Listed {
  readonly workers: readonly WorkerStatus[];
  /** How many more could start. */
  readonly free: number;
  /** Of all workers that run, whatever was asked for. */
  readonly sessions: readonly ManagedSession[];
}

export interface Stop {
  readonly ids: readonly string[];
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly grace: number;
}
