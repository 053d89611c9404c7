import type { JobName } from "./job-names.ts";
import { build } from "./jobs/build.ts";
import { cpu } from "./jobs/cpu.ts";
import { data } from "./jobs/data.ts";
import { failure } from "./jobs/failure.ts";
import { gpu } from "./jobs/gpu.ts";
import { hello } from "./jobs/hello.ts";
import { logs } from "./jobs/logs.ts";
import { long } from "./jobs/long.ts";
import { lost } from "./jobs/lost.ts";
import { memory } from "./jobs/memory.ts";
import { mixed } from "./jobs/mixed.ts";
import { ml } from "./jobs/ml.ts";
import { parallel } from "./jobs/parallel.ts";
import type { VerifyJob } from "./verify-job.ts";

export const verifyJobs: Readonly<Record<JobName, VerifyJob>> = {
  build,
  cpu,
  data,
  failure,
  gpu,
  hello,
  logs,
  long,
  lost,
  memory,
  mixed,
  ml,
  parallel,
};
