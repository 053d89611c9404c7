import { reportError } from "./report-error.ts";

/** Does the work and ends the process with its exit code. */
export async function endWith(work: () => Promise<number>): Promise<never> {
  process.exit(await work().catch(reportError));
}
