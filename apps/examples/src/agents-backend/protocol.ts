import type { LaunchRequest, WorkerStatus } from "@skyburst/core";

/** What a backend asks an agent to start. */
export interface Start extends Pick<LaunchRequest, "sessionId" | "launch" | "token" | "args"> {
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
}

export interface Stop {
  readonly ids: readonly string[];
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly grace: number;
}
