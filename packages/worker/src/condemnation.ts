import type { Json } from "@skyburst/core";
import type { condemned } from "@skyburst/core/protocol";

type Verdict = NonNullable<ReturnType<typeof condemned>>;

/** What a task fails with that ended its workers while it ran alone. Its message ends with the command that runs it once more. */
export function condemnation(
  { blame, deaths }: Verdict,
  session: string,
  task: number,
): { readonly error: Json; readonly blame: Verdict["blame"]; readonly seconds: number } {
  const times = deaths === 1 ? "once" : `${deaths} times`;
  const message = `${how[blame]} ${times} while it ran alone; it is not run again. To run it here: skyburst reproduce ${session} --task ${task}`;
  return { error: { name: "WorkerLostError", message }, blame, seconds: 0 };
}

const how = {
  user: "The task ended its worker",
  oom: "The task took all the memory of its worker, which ended",
  lost: "The task's worker fell silent",
} as const;
