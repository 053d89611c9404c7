import { createHash } from "node:crypto";
import type { Facts } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import type { Segment } from "../../protocol/segment.ts";
import type { Runtime } from "../../runtime.ts";
import type { Serializer } from "../../serializer/index.ts";
import { Segmenter } from "./segmenter.ts";
import type { StoreInput } from "./segmenter.ts";

/** Inputs of a submission on their way to the store. */
export interface Feed {
  /** The bytes of a segment have to be valid until the next one is asked for: their memory may be used again. */
  readonly segments: AsyncIterable<Segment>;
  /** Segments that are gathered before the first is submitted. Infinity: one wrong input means that nothing runs. */
  readonly gather: number;
  /** As many inputs are gathered at most, but for the rest of a segment. Default: no limit. */
  readonly gatherInputs?: number | undefined;
  /** Number of inputs, when that is known beforehand. */
  readonly count?: number | undefined;
}

/** Inputs that are read ahead of the outcomes that the consumer took, but for the rest of a segment. */
export const ahead = 100_000;

/** An input that a slow producer gave waits this long for others to share its segment, in milliseconds. */
const linger = 20;

/** @param steady The same inputs come in the same segments, however fast they come: another process may submit them again. */
export function feedOf(
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  serializer: Serializer,
  store: StoreInput,
  runtime: Runtime,
  steady = false,
): Feed {
  const segmenter = new Segmenter(serializer, store);
  if (Array.isArray(inputs))
    return { segments: fromIterable(inputs, segmenter), gather: Number.POSITIVE_INFINITY, count: inputs.length };
  // Most plain iterables are short: gathered whole, they are cut into chunks of the right size.
  if (Symbol.iterator in inputs) return { segments: fromIterable(inputs, segmenter), gather: 100, gatherInputs: ahead };
  return { segments: steady ? steadily(inputs, segmenter) : fromAsync(inputs, segmenter, runtime), gather: 0 };
}

async function* fromIterable(inputs: Iterable<unknown>, segmenter: Segmenter): AsyncGenerator<Segment> {
  for (const input of inputs) {
    const storing = segmenter.add(input);
    if (storing) await storing;
    if (segmenter.full) yield segmenter.take();
  }
  if (segmenter.count > 0) yield segmenter.take();
}

async function* steadily(inputs: AsyncIterable<unknown>, segmenter: Segmenter): AsyncGenerator<Segment> {
  for await (const input of inputs) {
    const storing = segmenter.add(input);
    if (storing) await storing;
    if (segmenter.full) yield segmenter.take();
  }
  if (segmenter.count > 0) yield segmenter.take();
}

async function* fromAsync(
  inputs: AsyncIterable<unknown>,
  segmenter: Segmenter,
  runtime: Runtime,
): AsyncGenerator<Segment> {
  const iterator = inputs[Symbol.asyncIterator]();
  let pause: Promise<undefined> | undefined;
  let ended = false;
  try {
    for (let next = iterator.next(); ;) {
      pause ??= runtime.sleep(linger).then(() => (pause = undefined));
      const step = segmenter.count === 0 ? await next : await Promise.race([next, pause]);
      if (step === undefined) {
        yield segmenter.take();
        continue;
      }
      if (step.done) break;
      const storing = segmenter.add(step.value);
      if (storing) await storing;
      if (segmenter.full) yield segmenter.take();
      next = iterator.next();
    }
    ended = true;
    if (segmenter.count > 0) yield segmenter.take();
  } finally {
    // Not awaited: a producer that is stuck in its own wait would hold up everybody.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(ignore);
  }
}

/** The segments until the signal fires, even while the producer is stuck. */
export async function* until(segments: AsyncIterable<Segment>, signal: AbortSignal): AsyncGenerator<Segment> {
  const iterator = segments[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined), { once: true }),
  );
  for (;;) {
    const step = signal.aborted ? undefined : await Promise.race([iterator.next(), aborted]);
    if (step === undefined) return void Promise.resolve(iterator.return?.()).catch(ignore);
    if (step.done) return;
    yield step.value;
  }
}

function ignore(): void {
  // Whoever stopped reading has its own reason to tell; a producer's last words can't change it.
}

/** Stores a large input by its content, and tells the line that stands for it. */
export function inputStore(facts: Facts, keys: SessionKeys): StoreInput {
  return async (parts) => {
    const body = Buffer.concat(parts);
    const sha256 = createHash("sha256").update(body).digest("hex");
    await facts.create(keys.inputBlob(sha256), body);
    return JSON.stringify({ blob: sha256, bytes: body.length });
  };
}
