import type { Backend, WorkerSpec } from "../../backend.ts";
import type { CostEstimator } from "../../costs.ts";
import { SkyburstError } from "../../errors.ts";
import { blobParts } from "../../serializer/index.ts";
import type { Serializer } from "../../serializer/index.ts";
import type { StateStore } from "../../store.ts";
import type { Task } from "../../task-context.ts";
import type { OpenOptions } from "../open-options.ts";
import { open } from "../open.ts";
import type { Inputs, MapOptions } from "../session.ts";
import { chance } from "./chance.ts";
import { quoteJob } from "./quote-job.ts";
import type { Quote, QuotePlace } from "./quote-job.ts";

export interface QuoteOptions extends Omit<MapOptions, "ordered"> {
  /** Sizes of the fleet on the session's backend, one estimate each. */
  readonly workers: readonly number[];
  /** Inputs that are tried. Default 5. */
  readonly sample?: number | undefined;
  /** Where they are tried, and where staying is an option, with all of its processors. Default: they are tried on the session's backend. */
  readonly local?: Backend | undefined;
}

/** What the session has that asks. */
export interface QuotingSession {
  readonly backend: Backend;
  readonly store: StateStore;
  readonly costs: CostEstimator | undefined;
  readonly spec: WorkerSpec | undefined;
  readonly serializer: Serializer;
  readonly options: Pick<OpenOptions, "serializer" | "runtime" | "retries" | "taskTimeout" | "secrets">;
}

/** Tries some inputs, each alone, in a session of their own that is removed behind them, and tells what all of them would take. */
export async function quoteSession<Input, Output>(
  from: QuotingSession,
  task: Task<Input, Output>,
  inputs: Inputs<Input>,
  { workers, sample = 5, local, ...mapOptions }: QuoteOptions,
): Promise<Quote> {
  if (!Number.isSafeInteger(sample) || sample < 1)
    throw new SkyburstError("option", `sample is ${sample}; it has to be a whole number of at least 1.`);
  const { taken, total } = await some(inputs, sample);
  const { backend, store, costs, spec, serializer } = from;
  const tried = await tryInputs(from, local ?? backend, task, taken, mapOptions);
  const sizeOf = (values: readonly unknown[]) => meanSize(serializer, values);
  const { estimate, concurrency } = mapOptions;
  const places: QuotePlace[] = [{ backend, store, costs, spec, workers }];
  if (local) places.unshift({ backend: local, store, workers: [1] });
  const bytes = { input: sizeOf(taken), output: sizeOf(tried.values) };
  return quoteJob({ tasks: total, seconds: tried.seconds, bytes, estimate, concurrency }, places);
}

/** As many of them, each with the same chance, however many there are, and the same ones each time. */
async function some<T>(
  inputs: Iterable<T> | AsyncIterable<T>,
  size: number,
): Promise<{ readonly taken: readonly T[]; readonly total: number }> {
  const random = chance(1);
  const taken: T[] = [];
  let total = 0;
  for await (const input of inputs) {
    const place = total < size ? total : Math.floor(random() * (total + 1));
    if (place < size) taken[place] = input;
    total++;
  }
  return { taken, total };
}

async function tryInputs<Input, Output>(
  { store, options: { serializer, runtime, retries, taskTimeout, secrets } }: QuotingSession,
  backend: Backend,
  task: Task<Input, Output>,
  inputs: Inputs<Input> & readonly unknown[],
  mapOptions: MapOptions,
): Promise<{ readonly seconds: readonly number[]; readonly values: readonly unknown[] }> {
  const alike = { serializer, runtime, retries, taskTimeout, secrets };
  const trial = await open({ ...alike, backend, store, workers: 1, spec: { slots: 1 }, linger: 0, expires: 0 });
  const seconds: number[] = [];
  const values: unknown[] = [];
  try {
    for await (const outcome of trial.map(task, inputs as never, mapOptions)) {
      if (outcome.status !== "succeeded") continue;
      seconds.push(outcome.seconds);
      values.push(outcome.value);
    }
  } finally {
    await trial.close();
    await trial.remove({ backend });
  }
  return { seconds, values };
}

function meanSize(serializer: Serializer, values: readonly unknown[]): number {
  const bytes = values.reduce<number>(
    (sum, value) => sum + blobParts(serializer.encode(value)).reduce((size, part) => size + part.length, 0),
    0,
  );
  return values.length === 0 ? 0 : bytes / values.length;
}
