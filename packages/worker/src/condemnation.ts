import type { Json } from "@skyburst/core";
import { sizeInWords } from "@skyburst/core/protocol";
import type { condemned } from "@skyburst/core/protocol";

type Verdict = NonNullable<ReturnType<typeof condemned>>;

/**
 * What a task fails with that ended its workers while it ran alone. Its message ends with the command that runs it once more.
 *
 * @param memory Bytes that a worker has. All of it was used, where the task is blamed for that.
 */
export function condemnation(
  { blame, deaths }: Verdict,
  session: string,
  task: number,
  memory: number | undefined,
): { readonly error: Json; readonly blame: Verdict["blame"]; readonly seconds: number } {
  const times = deaths === 1 ? "once" : `${deaths} times`;
  const limited = blame === "oom" && memory !== undefined;
  const culprit = limited ? takesAll(memory) : how[blame];
  const message = `${culprit} ${times} while it ran alone; it is not run again. To run it here: skyburst reproduce ${session} --task ${task}`;
  const used = limited ? { limit: memory, peak: memory } : {};
  return { error: { name: "WorkerLostError", message, ...used }, blame, seconds: 0 };
}

function takesAll(memory: number): string {
  return `The task needed more than the ${sizeInWords(memory)} of memory that its worker has, which ended`;
}

const how = {
  user: "The task ended its worker",
  oom: "The task took all the memory of its worker, which ended",
  lost: "The task's worker fell silent",
} as const;
