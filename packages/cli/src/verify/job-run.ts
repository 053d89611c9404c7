import type { SessionEvent, SessionStatus } from "@skyburst/core";
import type { Ended } from "./child.ts";
import type { LeftBehind } from "./left-behind.ts";

/** A job that was run by the command, with all that it left to be known. */
export interface JobRun extends Ended {
  /** As it is typed into a shell, without what is for the watching only. */
  readonly typed: string;
  /** Name of its session. */
  readonly name: string;
  /** Lines of its record of events, in order. */
  readonly events: readonly SessionEvent[];
  /** undefined: it has no session. */
  readonly session: { readonly id: string; readonly status: SessionStatus } | undefined;
  readonly left: LeftBehind;
  /** What its tasks wrote, as `skyburst logs --follow` printed it beside it. undefined: nobody asked for it. */
  readonly logs: Ended | undefined;
}
