import type { JobName } from "./job-names.ts";
import { failure } from "./jobs/failure.ts";
import { hello } from "./jobs/hello.ts";
import { logs } from "./jobs/logs.ts";
import { long } from "./jobs/long.ts";
import { mixed } from "./jobs/mixed.ts";
import { parallel } from "./jobs/parallel.ts";
import type { VerifyJob } from "./verify-job.ts";

export const verifyJobs: Readonly<Record<JobName, VerifyJob>> = { hello, failure, mixed, logs, parallel, long };
