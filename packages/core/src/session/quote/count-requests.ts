import { batchesOf, cutFor } from "../../protocol/cut.ts";
import { inlineLimit } from "../../protocol/segment.ts";
import type { StoreRequests } from "../../store.ts";
import type { JobModel } from "./job-model.ts";
import type { Packing } from "./packing.ts";

/** Of a hundred leases, those that somebody else had by then. */
const lost = 0.1;

/** Listings by which a worker looks for what is left when it has run dry. */
const listings = 1;

/** Of the time between two looks of a worker at the ledger, what it waits longer for the end of what it runs. */
const postponed = 2 / 3;

/** Silence in which a commit is waited for, in parts of the TTL. */
const silence = 14 / 30;

/** Of the shortest waits, those for which a client that collects does not list anything, in the mean. */
const looks = 3;

/** Everybody's requests for a job of so many seconds a task that takes so long in all: what is said once, by worker, by chunk, by batch and by time. */
export function countRequests(model: JobModel, packing: Packing, seconds: number, wall: number): StoreRequests {
  const { pace, slots, tasks, bytes } = model;
  const { workers } = packing;
  const chunks = packing.chunks.reduce((sum, { count }) => sum + count, 0);
  const commits = packing.chunks.reduce((sum, { size, count }) => sum + count * commitsOf(model, size, seconds), 0);
  // Few inputs are in the ledger, which each worker has read anyway; a newline behind each of them.
  const inLedger = tasks * (bytes.input + 1) <= inlineLimit;
  const [segments, inputs] = inLedger ? [0, 0] : [packing.segments, chunks];
  // What is not measured yet is committed in batches that double; each worker begins with one such chunk.
  const first = model.estimate === undefined ? workers * Math.log2(1 + (packing.chunks[0]?.size ?? 1)) : 0;
  const look = ((1 + postponed) * Math.min(pace.poll[0] * 50, pace.poll[1])) / 1000;
  const ledger = workers * (2 + wall / look);
  const silent = ((packing.chunks[0]?.size ?? 1) * seconds * 1000) / slots > pace.ttl * silence ? 1 : 0;
  return {
    // Index, ledger, lease of the supervisor, program and launch; births and last words; leases and commits.
    create: round(segments + 7 + 2 * workers + chunks * (1 + lost) + commits + first),
    get: round(ledger + inputs + commits + first),
    list: round(workers * listings + (wall * 1000) / (looks * pace.poll[0])),
    put: round((workers * silent * wall * 1000) / (pace.ttl / 3) + (wall * 1000) / Math.min(pace.ttl / 4, 15_000)),
    delete: 0,
  };
}

function commitsOf({ pace, slots, concurrency }: JobModel, size: number, seconds: number): number {
  return batchesOf(cutFor(size, { seconds: seconds / slots }, pace.commitInterval, concurrency), size).length;
}

function round(value: number): number {
  return Math.round(value);
}
