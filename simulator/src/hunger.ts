import type { OutcomeLine, SubmissionOptions } from "../../packages/core/src/protocol/index.ts";
import { furtherAttempts } from "./faults-of-tasks.ts";
import type { MemoryPlan } from "./scenario/with-memory.ts";
import type { TaskPlan } from "./tasks.ts";

/** What else may have become of a task that ends its worker. */
interface Doubts {
  /** Workers end for other reasons as well, which may be laid to it. */
  readonly dangerous: boolean;
  /** Of such a worker's end nobody was told. */
  readonly unheard: boolean;
}

/**
 * Whether a task that wants more memory than usual may have come to this. Where more of it is asked for often enough, and there is enough,
 * it can't but succeed; where it isn't, it may have come upon a worker that was started with more.
 */
export function mayEndAs(
  line: OutcomeLine,
  hunger: NonNullable<TaskPlan["hunger"]>,
  options: SubmissionOptions,
  { base }: MemoryPlan,
  { dangerous, unheard }: Doubts,
): boolean {
  if (line.status === "succeeded") return true;
  const isFed = enough(hunger.wants, options, base);
  if (line.status === "failed" && (line.error as { name?: string }).name === "WorkerLostError")
    return dangerous || (hunger.kills && ((line.blame === "oom" && !isFed) || (line.blame === "lost" && unheard)));
  return (
    line.status === "failed" && !isFed && line.blame === "oom" && line.attempts <= furtherAttempts(options, "oom") + 1
  );
}

/** As it is promised to users: each attempt has so many times the memory of the one before, up to what there is. */
function enough(wants: number, options: SubmissionOptions, base: number): boolean {
  const { factor = 1, most = Number.POSITIVE_INFINITY } = options.memoryOnOom ?? {};
  let memory = base;
  for (let more = furtherAttempts(options, "oom"); more > 0 && memory < most; more--)
    memory = Math.min(Math.ceil(memory * factor), most);
  return memory >= wants;
}
