import type { Backend, WorkerSpec } from "../../backend.ts";
import { ownCosts } from "../../costs.ts";
import type { CostEstimator } from "../../costs.ts";
import { SkyburstError } from "../../errors.ts";
import type { StateStore } from "../../store.ts";
import { slotsPerWorker } from "../slots-per-worker.ts";
import { estimateJob } from "./estimate-job.ts";
import type { JobEstimate } from "./estimate-job.ts";
import type { JobModel } from "./job-model.ts";
import { verdictOf } from "./verdict.ts";

/** A job as far as some of its inputs were tried. */
export interface TriedJob {
  /** All of its inputs. */
  readonly tasks: number;
  /** Run times of those that were tried, in seconds: one at least. */
  readonly seconds: readonly number[];
  /** Bytes of an input and of an outcome, on average. */
  readonly bytes: { readonly input: number; readonly output: number };
  /** What the submission will say of a task, in milliseconds. Default: nothing. */
  readonly estimate?: number | undefined;
  /** Tasks in flight per slot. Default 1. */
  readonly concurrency?: number | undefined;
}

/** Where a job might run. */
export interface QuotePlace {
  readonly backend: Backend;
  readonly store: StateStore;
  /** How it is called in the quote. Default: the backend's name. */
  readonly name?: string | undefined;
  /** What it does not know, backend and store are asked for. */
  readonly costs?: CostEstimator | undefined;
  readonly spec?: WorkerSpec | undefined;
  /** Sizes of the fleet, one estimate each. */
  readonly workers: readonly number[];
}

export interface Quote {
  readonly job: TriedJob;
  /** In the order of the places and of their sizes. */
  readonly estimates: readonly QuotedEstimate[];
  /** Which of them to choose, and why: the first place is the one to stay at unless another is worth it. */
  readonly best: number;
  readonly because: string;
}

export interface QuotedEstimate extends JobEstimate {
  readonly place: string;
  /** Workers that were asked for. */
  readonly asked: number;
}

/** Days for which a session is kept when nobody says. */
const kept = 7;

/** Of chance: enough for the 95th of a hundred, and quick. */
const rounds = 200;

/** A store that takes its time between looks is one whose requests do, in seconds. */
const request = { near: 0.001, far: 0.03 } as const;

/**
 * What a job would take and cost, wherever it might run. The first place is that at which it is now: staying there is best unless another
 * one is worth it.
 *
 * @throws {SkyburstError} `option`.
 */
export async function quoteJob(job: TriedJob, places: readonly QuotePlace[]): Promise<Quote> {
  checkJob(job, places);
  const estimates: QuotedEstimate[] = [];
  for (const place of places) {
    for (const asked of place.workers)
      estimates.push({
        place: place.name ?? place.backend.name,
        asked,
        ...estimateJob(await modelOf(job, place, asked)),
      });
  }
  return { job, estimates, ...verdictOf(estimates) };
}

function checkJob({ tasks, seconds }: TriedJob, places: readonly QuotePlace[]): void {
  if (!Number.isSafeInteger(tasks) || tasks < 1)
    throw new SkyburstError("option", `tasks is ${tasks}; a quote needs one input at least.`);
  if (seconds.length === 0 || !seconds.every((value) => Number.isFinite(value) && value >= 0))
    throw new SkyburstError("option", "A quote needs the run time of one task at least: all that were tried failed.");
  const sizes = places.flatMap(({ workers }) => workers);
  const wrong = sizes.find((size) => !Number.isSafeInteger(size) || size < 1);
  if (wrong !== undefined || sizes.length === 0)
    throw new SkyburstError("option", `workers is ${wrong ?? "empty"}; it has to be whole numbers of at least 1.`);
}

async function modelOf(job: TriedJob, place: QuotePlace, workers: number): Promise<JobModel> {
  const { backend, store, spec = {} } = place;
  const { maxWorkers, startup = 1000, minimumBilling = 0, sharesFileSystem, slots: processors } = backend.capabilities;
  const slots = spec.slots ?? slotsPerWorker(backend, workers);
  const costs = ownCosts(store, backend, place.costs);
  const [rate, storeRates] = [await costs.worker(spec), await costs.store()];
  const running = Math.min(workers, maxWorkers) * slots;
  return {
    tasks: job.tasks,
    seconds: job.seconds,
    // Workers beside each other on one machine share its processors.
    slowdown: sharesFileSystem ? Math.max(1, running / processors) : 1,
    ...(job.estimate === undefined ? {} : { estimate: job.estimate / 1000 }),
    concurrency: job.concurrency ?? 1,
    workers,
    maxWorkers,
    slots,
    startup: startup / 1000,
    minimumBilling: minimumBilling / 1000,
    ...(rate ? { rate } : {}),
    ...(storeRates ? { storeRates } : {}),
    pace: store.pace,
    request: store.pace.poll[0] >= 500 ? request.far : request.near,
    bytes: job.bytes,
    kept,
    rounds,
    seed: 1,
  };
}
