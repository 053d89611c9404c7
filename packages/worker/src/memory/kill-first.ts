import { writeFileSync } from "node:fs";
import { ownControlGroup } from "./control-group.ts";

/**
 * Where this process's control group has a limit of memory, and it is reached, has the kernel kill this child, or what it started since,
 * and not the worker: that tells which task it was, and goes on with the others. Lessening its own chance would take a privilege.
 */
export function killFirst(pid: number | undefined): void {
  if (pid === undefined || ownControlGroup()?.limit === undefined) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, foremost);
  } catch {
    // It has ended, or is nobody's business: then the kernel's own choice is as good.
  }
}

/** The kernel's largest: as if it had used all that there is beside what it uses. */
const foremost = "1000";
