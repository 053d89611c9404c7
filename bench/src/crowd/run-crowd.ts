import type { Bench } from "../figure.ts";
import { runOnS3 } from "../s3-server.ts";
import type { S3Server } from "../s3-server.ts";
import type { CrowdPlan, CrowdReport } from "./crowd-plan.ts";

/** One map of simulated workers on a service that runs. */
export function runCrowd(bench: Bench, server: S3Server, plan: Omit<CrowdPlan, "epoch">): Promise<CrowdReport> {
  return runOnS3<CrowdReport>(bench, server, "crowd", JSON.stringify({ ...plan, epoch: Date.now() }));
}
