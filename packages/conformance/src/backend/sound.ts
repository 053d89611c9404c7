import assert from "node:assert/strict";
import type { WorkerStatus } from "@skyburst/core";

const REASONS: ReadonlySet<string> = new Set(["done", "error", "oom", "spot", "stopped", "lost"]);
const STATES: ReadonlySet<string> = new Set(["pending", "running", "exited"]);

/** What is told of a worker fits together. */
export function sound(worker: WorkerStatus): void {
  const { id, launch, slot, state, exit, startedAt, stoppedAt } = worker;
  const shown = JSON.stringify(worker);
  assert.ok(typeof id === "string" && id !== "", `A worker without an id: ${shown}`);
  assert.ok(Number.isInteger(launch) && Number.isInteger(slot), `Launch and slot are numbers: ${shown}`);
  assert.ok(STATES.has(state), `The state: ${shown}`);
  assert.equal(exit !== undefined, state === "exited", `Who has exited, and only who has, has an exit: ${shown}`);
  if (exit !== undefined) assert.ok(REASONS.has(exit.reason), `The reason: ${shown}`);
  assert.ok((stoppedAt ?? Infinity) >= (startedAt ?? 0), `It stopped before it started: ${shown}`);
}
