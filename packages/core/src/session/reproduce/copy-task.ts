import { SkyburstError } from "../../errors.ts";
import type { Backend } from "../../backend.ts";
import type { Chunk } from "../../protocol/chunk.ts";
import { appendEntry } from "../../protocol/read-ledger.ts";
import type { SubmissionOptions, TaskSpec } from "../../protocol/ledger.ts";
import { readInputs, segmentBody, sliceSegment } from "../../protocol/segment.ts";
import type { Segment } from "../../protocol/segment.ts";
import type { Runtime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { createSession } from "../create-session.ts";
import { LedgerView } from "../ledger-view.ts";
import type { Place } from "../place.ts";
import type { Secrets } from "../secrets.ts";
import { checkTasks } from "../standing-session.ts";
import { chunkOfTask } from "../steer/chunk-of-task.ts";
import { inputBlobs } from "./input-blobs.ts";

export interface CopyOptions {
  readonly scratch: StateStore;
  readonly backend: Backend;
  readonly secrets: Secrets;
  readonly runtime: Runtime;
}

/** Name of the one submission of the copy. */
const submission = "again";

/** Makes a session of one task on the scratch store: everything that the task needs, and nothing else. */
export async function copyTask(
  from: Place,
  task: number,
  { scratch, backend, secrets, runtime }: CopyOptions,
): Promise<Place> {
  checkTasks(from, [task]);
  const chunk = chunkOfTask(from.view.current, task);
  if (!chunk) throw new RangeError(`Task ${task} is in no chunk.`);
  const offset = task - chunk.task;
  const input = await inputOf(from, chunk, offset);
  const place = await createSession({ store: scratch, backend, secrets, workers: 1, linger: 0, runtime });
  const copy = (key: string, to: string) => copyObject(from, key, place, to);
  const spec = chunk.submission.task;
  for (const key of fixedBlobs(spec)) await copy(from.keys.inputBlob(key), place.keys.inputBlob(key));
  if (spec.kind === "function") await copy(from.keys.program(spec.sha256), place.keys.program(spec.sha256));
  for await (const key of inputBlobs(from, input)) await copy(from.keys.inputBlob(key), place.keys.inputBlob(key));
  await place.facts.create(place.keys.segment(submission, 0), segmentBody(input));
  const { ledger } = await appendEntry(place.facts, place.keys, place.view.current, {
    actor: submission,
    ordinal: 0,
    operations: [
      { op: "open", submission, task: spec, options: optionsOf(chunk, offset) },
      { op: "append", submission, from: 0, counts: [1], chunk: 1 },
      { op: "end", submission },
    ],
  });
  return { ...place, view: new LedgerView(place.facts, place.keys, ledger, place.client) };
}

async function inputOf({ facts, keys }: Place, chunk: Chunk, offset: number): Promise<Segment> {
  const inputs = await readInputs(facts, keys, chunk.submission.id, chunk.row);
  if (!inputs) throw new SkyburstError("session", `The store has lost the inputs of task ${chunk.task + offset}.`);
  return sliceSegment(inputs, chunk.start + offset, 1);
}

/** What every task of the submission is given. */
function fixedBlobs(spec: TaskSpec): readonly string[] {
  return spec.kind === "command" && spec.stdin !== undefined ? [spec.stdin] : [];
}

async function copyObject(from: Place, key: string, to: Place, copy: string): Promise<void> {
  const bytes = await from.facts.get(key);
  if (!bytes) throw new SkyburstError("session", `The store has lost ${key}, which the task needs.`);
  await to.facts.create(copy, bytes);
}

/** Whatever fails, it fails at once: this is what somebody wants to see. */
function optionsOf({ submission: { options }, index, task }: Chunk, offset: number): SubmissionOptions {
  const { timeout, grace, backoff, logLimit } = options;
  return {
    retries: 0,
    budgets: { infrastructure: 0, lost: 0 },
    backoff,
    concurrency: 1,
    grace,
    origin: { index: index + offset, task: task + offset },
    ...(timeout === undefined ? {} : { timeout }),
    ...(logLimit === undefined ? {} : { logLimit }),
  };
}
