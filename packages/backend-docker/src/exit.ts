import type { WorkerExit, WorkerStatus } from "@skyburst/core";
import type { ContainerInfo, ContainerInspectInfo } from "dockerode";
import type { Label } from "./label.ts";

/** What a list says of a worker that starts or runs, to the second; undefined: it does neither. */
export function statusListed({ id, launch, slot }: Label, { State, Created }: ContainerInfo): WorkerStatus | undefined {
  const worker = { id, launch, slot, startedAt: Created * 1000 };
  if (State === "created") return { ...worker, state: "pending" };
  return ["running", "paused", "restarting"].includes(State) ? { ...worker, state: "running" } : undefined;
}

/** What the engine tells of a worker's container. @param stopped This process asked it to end. */
export function statusOf(label: Label, container: ContainerInspectInfo, stopped: boolean): WorkerStatus {
  const { id, launch, slot } = label;
  const { State, Created } = container;
  const startedAt = timeOf(State.StartedAt) ?? timeOf(Created);
  const worker = { id, launch, slot, ...(startedAt === undefined ? {} : { startedAt }) };
  if (State.Status === "created") return { ...worker, state: "pending" };
  if (State.Running || State.Restarting || State.Paused) return { ...worker, state: "running" };
  const stoppedAt = timeOf(State.FinishedAt);
  return {
    ...worker,
    state: "exited",
    exit: exitOf(container, stopped),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  };
}

function exitOf({ State, HostConfig }: ContainerInspectInfo, stopped: boolean): WorkerExit {
  const { ExitCode: code, OOMKilled } = State;
  if (stopped) return { code, reason: "stopped" };
  // It is said as well of one in which a command was killed for that, and which went on.
  if (OOMKilled && code === killed)
    return { code, reason: "oom", ...(HostConfig.Memory ? { memory: HostConfig.Memory } : {}) };
  return { code, reason: code === 0 ? "done" : code === terminated ? "stopped" : "error" };
}

/** 128 + SIGKILL, as the kernel sends it for want of memory: its limit is the most that it has had. */
const killed = 137;

/** 128 + SIGTERM: what somebody sends who wants an orderly end. */
const terminated = 143;

/** The engine's word for never is the year 1. */
function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return time > 0 ? time : undefined;
}
