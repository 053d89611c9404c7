import type { OutcomeLines } from "../../packages/core/src/session/collect/collector.ts";
import type { LinesOptions } from "../../packages/core/src/session/session.ts";
import type { SimProcess } from "./process.ts";
import type { SubmissionPlan } from "./scenario/plans.ts";
import { told } from "./told.ts";
import type { World } from "./world.ts";

/** What a submission came to, as its consumer saw it. */
export interface Collected {
  readonly plan: SubmissionPlan;
  /** Its place among all submissions of the scenario. */
  readonly n: number;
  readonly lines: string[];
  /** `whole`: the generator ended by itself. */
  end: "running" | "whole" | "left" | "cancelled" | "failed";
  error?: unknown;
  /** When that was, in virtual milliseconds. */
  endedAt?: number;
}

type Submit = (
  collected: Collected,
  options: LinesOptions & { readonly signal: AbortSignal },
) => AsyncGenerator<OutcomeLines>;

/** Submits and collects all that one client has to do. */
export async function collectAll(
  world: World,
  process: SimProcess,
  all: readonly Collected[],
  submit: Submit,
): Promise<void> {
  const ends: Promise<void>[] = [];
  for (const [place, collected] of all.entries()) {
    const before = collected.plan.follows ? ends[place - 1] : undefined;
    ends.push(collect(world, process, collected, submit, before));
  }
  await Promise.all(ends);
}

async function collect(
  world: World,
  process: SimProcess,
  collected: Collected,
  submit: Submit,
  before: Promise<void> | undefined,
): Promise<void> {
  const { plan, n } = collected;
  const { runtime } = process;
  const {
    ordered,
    retries,
    memoryOnOom,
    backoff,
    grace,
    start,
    cancelAfter,
    breakAfter,
    concurrency,
    timeout,
    estimate,
  } = plan;
  const cancel = new AbortController();
  const generator = submit(collected, {
    ordered,
    retries,
    ...(memoryOnOom === undefined ? {} : { memoryOnOom }),
    backoff,
    grace,
    concurrency,
    ...(timeout === undefined ? {} : { timeout }),
    ...(estimate === undefined ? {} : { estimate }),
    signal: cancel.signal,
  });
  await (before ?? runtime.sleep(start));
  if (cancelAfter !== undefined)
    runtime.timer(cancelAfter, () => cancel.abort(new Error("cancelled by the simulation")));
  try {
    for await (const lines of generator) {
      take(collected, lines);
      if (breakAfter !== undefined && collected.lines.length >= breakAfter) {
        collected.end = "left";
        break;
      }
    }
    if (collected.end === "running") collected.end = "whole";
  } catch (error) {
    collected.end = cancel.signal.aborted ? "cancelled" : "failed";
    collected.error = error;
  }
  collected.endedAt = world.timeline.now;
  world.note(
    process.name,
    `submission ${n} ends as ${collected.end}${collected.error === undefined ? "" : `: ${told(collected.error)}`}`,
  );
}

function take(collected: Collected, { lines, count }: OutcomeLines): void {
  const texts = new TextDecoder().decode(lines).split("\n").slice(0, -1);
  if (texts.length !== count) throw new Error(`A part of ${texts.length} lines says that it has ${count}.`);
  collected.lines.push(...texts);
}
