import type { Feed } from "./feed.ts";
import type { TaskSource } from "./resolve-task.ts";
import type { SubmissionHost } from "./submission.ts";
import type { TaskPace } from "../supervise/work/task-times.ts";
import { Submitter } from "./submitter.ts";

/** What writes a submission. Its supervisor is told of it first: workers boot while the task is bundled and the inputs are read. */
export function beginSubmission(
  { facts, keys, view, supervisor, slots }: SubmissionHost,
  id: string,
  source: TaskSource | Function,
  feed: Feed,
  pace: TaskPace,
): Submitter {
  const kind = typeof source === "object" && source.kind === "command" ? "command" : "function";
  supervisor.expect(id, feed.count, kind, pace);
  return new Submitter({ facts, keys, view, submission: id, slots, grown: () => supervisor.grown() });
}
