import type { Blobs } from "./blobs.ts";
import type { Programs } from "./programs.ts";
import type { Assignment, AssignmentEnd, RunSignals, Slot, Tell } from "./slot.ts";
import type { Slice, Slot as ThreadSlot } from "./thread/slice.ts";
import { unprepared } from "./unprepared.ts";

export interface FunctionSlot extends Slot {
  /** Resolves when its thread is up. */
  readonly starting: Promise<void>;
}

/** Runs assignments of functions on an executor thread. */
export function functionSlot(thread: ThreadSlot, programs: Programs, blobs: Blobs): FunctionSlot {
  return {
    async run(assignment: Assignment, report: Tell, signals: RunSignals): Promise<AssignmentEnd> {
      const slice = await sliceOf(assignment, programs, blobs).catch((error: unknown) => ({ error }));
      if ("error" in slice) return unprepared(slice.error, assignment, report);
      const { grace } = assignment.submission.options;
      return thread.run(slice, report, { signal: signals.signal, drain: signals.drain, grace });
    },
    starting: thread.starting,
    close: () => thread.close(),
  };
}

async function sliceOf(
  { submission, index, task, offsets, attempts, inputs }: Assignment,
  programs: Programs,
  blobs: Blobs,
): Promise<Slice> {
  const { task: spec, options } = submission;
  if (spec.kind !== "function") throw new TypeError("An executor thread runs functions only.");
  const path = await programs.file(spec.sha256);
  const run = "count" in offsets ? offsets : undefined;
  return {
    program: { sha256: spec.sha256, path, modules: spec.modules, env: spec.env },
    inputs: inputs.lines,
    count: inputs.count,
    rich: inputs.rich,
    blobs: await blobs.of(inputs),
    index: index + (run?.first ?? 0),
    task: task + (run?.first ?? 0),
    ...("count" in offsets ? {} : { offsets }),
    ...(attempts ? { attempts } : {}),
    timeout: options.timeout,
    concurrency: options.concurrency,
  };
}
