import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interruption } from "../interrupt.ts";
import { writeTo } from "../output/stream-output.ts";
import { composeStack } from "../stack.ts";
import type { StoreFlags } from "../stack.ts";
import type { Mount } from "../mount.ts";
import { jobNames } from "../verify/job-names.ts";
import type { JobName } from "../verify/job-names.ts";
import { verifyJobs } from "../verify/jobs.ts";
import { jobArgs, storeArgs } from "../verify/passed-on.ts";
import { Place } from "../verify/place.ts";
import { verdictHeading, verdictRow, verdictsText } from "../verify/verdict-text.ts";
import { verifyOne } from "../verify/verify-one.ts";
import type { Verdict } from "../verify/verify-one.ts";

export interface VerifyFlags extends StoreFlags {
  readonly backend?: string;
  readonly image?: string;
  readonly cpu?: number;
  readonly memory?: number;
  readonly gpus?: number;
  readonly volume?: readonly Mount[];
  readonly env?: readonly string[];
  /** undefined: all. */
  readonly job?: readonly JobName[];
  /** Milliseconds that a job may take, all in all. */
  readonly timeout?: number;
}

/** Milliseconds that a job may take, however slowly its backend starts workers: nobody wants to wait longer for a verdict. */
const patience = 120_000;

/** Runs jobs with known results by the command itself, one after the other, and tells what each has shown. */
export async function verify(flags: VerifyFlags): Promise<number> {
  const { backend, store, spec } = await composeStack(flags);
  const signal = interruption();
  const directory = await mkdtemp(join(tmpdir(), "skyburst-verify-"));
  const place = new Place({
    backend,
    store,
    spec,
    storeArgs: storeArgs(flags),
    jobArgs: jobArgs(flags),
    commandArgs: (flags.env ?? []).flatMap((setting) => ["--env", setting]),
    patience: flags.timeout ?? patience,
    directory,
    signal,
  });
  const verdicts: Verdict[] = [];
  const began = performance.now();
  try {
    if (!flags.json) await writeTo(process.stdout, verdictHeading);
    for await (const verdict of verdictsOf(place, flags.job)) {
      verdicts.push(verdict);
      if (!flags.json) await writeTo(process.stdout, verdictRow(verdict));
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  // Of nothing but skipped jobs nothing is proven.
  const passed = verdicts.some(({ state }) => state === "passed") && !verdicts.some(({ state }) => state === "failed");
  const seconds = (performance.now() - began) / 1000;
  const document = { backend: backend.name, passed, seconds, jobs: verdicts };
  await writeTo(process.stdout, flags.json ? `${JSON.stringify(document)}\n` : verdictsText(verdicts));
  await backend.close?.();
  return passed ? 0 : 1;
}

/** Where nothing runs, one job says why, and the others are left out. */
async function* verdictsOf(place: Place, names: readonly JobName[] = jobNames): AsyncGenerator<Verdict> {
  let because: string | undefined;
  let first = true;
  for (const name of jobNames.filter((known) => names.includes(known))) {
    const job = verifyJobs[name];
    const { what } = job;
    const verdict: Verdict =
      because === undefined ? await verifyOne(job, place, first) : { name, what, state: "skipped", because };
    place.options.signal.throwIfAborted();
    first &&= verdict.state === "skipped";
    if (verdict.state === "failed" && verdict.nothingRan) because = `no worker came to work for ${name}`;
    yield verdict;
  }
}
