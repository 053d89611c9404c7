import type { LaunchOptions, Refusal } from "@skyburst/core";
import type { Batch } from "./containers.ts";
import { startFirst, startOne } from "./start.ts";
import type { Started, StartParts } from "./start.ts";

/** Containers that are started at a time: an engine does not get faster with more. */
const atATime = 16;

interface Work {
  readonly batch: Batch;
  readonly engineId: string;
  readonly program: Uint8Array;
}

/**
 * Starts what is there already and what is not. Of the latter the first goes before the others: what it has to prepare, they find. Returns
 * its refusal when it could not be prepared, and nobody else was tried.
 */
export async function startWorkers(
  there: readonly number[],
  fresh: readonly number[],
  { batch, engineId, program }: Work,
  parts: StartParts,
  options: LaunchOptions,
): Promise<readonly (Started | Refusal)[] | Refusal> {
  const [first, ...others] = there.length > 0 ? [] : fresh;
  if (first === undefined)
    return atOnce([...there, ...fresh], async (slot) =>
      options.signal?.aborted && !there.includes(slot)
        ? { ...unwanted, slot }
        : startOne(batch, slot, program, parts, options),
    );
  let prepared: (() => void) | undefined;
  const ready = new Promise<void>((resolve) => (prepared = resolve));
  const starting = startFirst(batch, first, engineId, program, parts, { ...options, prepared });
  const failed = await Promise.race([starting, ready]);
  if (failed && "kind" in failed) return failed;
  const whole = { ...options, whole: true };
  const rest = atOnce(others, async (slot) =>
    options.signal?.aborted ? { ...unwanted, slot } : startOne(batch, slot, program, parts, whole),
  );
  const [begun, results] = await Promise.all([starting, rest]);
  return [begun, ...results];
}

const unwanted = { kind: "unavailable", message: "Nobody waits for it any more." } as const;

async function atOnce<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = values.entries();
  const lane = async () => {
    for (const [n, value] of queue) results[n] = await work(value);
  };
  await Promise.all(Array.from({ length: Math.min(atATime, values.length) }, lane));
  return results;
}
