/** One thing that has to be right before a job can run. */
export interface Check {
  readonly subject: "machine" | "store" | "backend";
  readonly name: string;
  /** `skipped`: it could not be tried, for what failed before. */
  readonly result: "ok" | "failed" | "skipped";
  /** What was found; of a failure, what is wrong and what to do. */
  readonly detail: string;
}

/** Tries one thing. What it throws is what failed. */
export async function check(
  subject: Check["subject"],
  name: string,
  attempt: () => string | Promise<string>,
): Promise<Check> {
  try {
    return { subject, name, result: "ok", detail: await attempt() };
  } catch (error) {
    return { subject, name, result: "failed", detail: messageOf(error) };
  }
}

export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replaceAll(/\s*\n\s*/g, " ");
}

/** Milliseconds, as people read them. */
export function milliseconds(ms: number): string {
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
