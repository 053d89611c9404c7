import type { WorkerExit, WorkerStatus } from "@skyburst/core";
import type { ContainerInspectInfo } from "dockerode";
import type { Label } from "./label.ts";

/** What the engine tells of a worker's container. @param stopped This process asked it to end. */
export function statusOf(label: Label, { State, Created }: ContainerInspectInfo, stopped: boolean): WorkerStatus {
  const { id, launch, slot } = label;
  const startedAt = timeOf(State.StartedAt) ?? timeOf(Created);
  const worker = { id, launch, slot, ...(startedAt === undefined ? {} : { startedAt }) };
  if (State.Status === "created") return { ...worker, state: "pending" };
  if (State.Running || State.Restarting || State.Paused) return { ...worker, state: "running" };
  const stoppedAt = timeOf(State.FinishedAt);
  return {
    ...worker,
    state: "exited",
    exit: exitOf(State, stopped),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  };
}

function exitOf({ ExitCode: code, OOMKilled }: ContainerInspectInfo["State"], stopped: boolean): WorkerExit {
  if (stopped) return { code, reason: "stopped" };
  if (OOMKilled) return { code, reason: "oom" };
  return { code, reason: code === 0 ? "done" : code === terminated ? "stopped" : "error" };
}

/** 128 + SIGTERM: what somebody sends who wants an orderly end. */
const terminated = 143;

/** The engine's word for never is the year 1. */
function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return time > 0 ? time : undefined;
}
