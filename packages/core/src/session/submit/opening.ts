import type { SubmissionOptions } from "../../protocol/ledger.ts";
import type { TaskSource } from "./resolve-task.ts";
import type { SubmissionHost } from "./submission.ts";
import type { Submitter } from "./submitter.ts";

/** Opens a submission, as soon as it is known what it runs, and, where it may need more memory, how much there is. */
export function opening(
  { resolve, growth }: Pick<SubmissionHost, "resolve" | "growth">,
  submitter: Submitter,
  source: TaskSource | Function,
  options: SubmissionOptions,
): Promise<void> {
  const { memoryOnOom } = options;
  if (!memoryOnOom) return resolve(source).then((task) => submitter.open(task, options));
  return Promise.all([resolve(source), growth(memoryOnOom)]).then(([task, limited]) =>
    submitter.open(task, { ...options, memoryOnOom: limited }),
  );
}
