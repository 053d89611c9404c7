import { serializer } from "../../packages/core/src/serializer/index.ts";
import type { Facts, Segment, SessionKeys } from "../../packages/core/src/protocol/index.ts";
import { inputStore } from "../../packages/core/src/session/submit/feed.ts";
import type { Feed } from "../../packages/core/src/session/submit/feed.ts";
import { Segmenter } from "../../packages/core/src/session/submit/segmenter.ts";
import type { SimProcess } from "./process.ts";
import type { Scenario } from "./scenario/scenario.ts";
import type { SubmissionPlan } from "./scenario/plans.ts";
import { inputsPerSubmission, taskPlan } from "./tasks.ts";

/** More than what is sent in a line. */
const blobSize = 300_000;

/** The inputs of a submission as they come in. Each tells its own number. */
export function feedOf(
  scenario: Scenario,
  { runtime }: SimProcess,
  place: { readonly facts: Facts; readonly keys: SessionKeys },
  { tasks, feed, segment, gap, width = 0 }: SubmissionPlan,
  n: number,
): Feed {
  async function* segments(): AsyncGenerator<Segment> {
    const segmenter = new Segmenter(serializer, inputStore(place.facts, place.keys));
    for (let at = 0; at < tasks; at += segment) {
      if (gap > 0) await runtime.sleep(gap * runtime.random() * 2);
      const count = Math.min(segment, tasks - at);
      for (let i = 0; i < count; i++) {
        const storing = segmenter.add(valueOf(scenario, n * inputsPerSubmission + at + i, width));
        if (storing) await storing;
      }
      yield segmenter.take();
    }
  }
  const gather = { array: Number.POSITIVE_INFINITY, iterable: 100, stream: 0 }[feed];
  return { segments: segments(), gather, ...(feed === "array" ? { count: tasks } : {}) };
}

function valueOf(scenario: Scenario, input: number, width: number): unknown {
  const kind = taskPlan(scenario, input).input;
  if (kind === "plain") return width === 0 ? input : { input, text: "".padEnd(width) };
  return { input, at: new Date(0), ...(kind === "blob" ? { text: String(input).padEnd(blobSize) } : {}) };
}

/** The number that an input's line tells, itself or by the blob that it stands for. */
export function inputOf(line: string, isRich: boolean, blobs: ReadonlyMap<string, Uint8Array> | undefined): number {
  if (!isRich) return line.startsWith("{") ? (JSON.parse(line) as { readonly input: number }).input : Number(line);
  const members = JSON.parse(line) as { readonly blob?: string; readonly value?: { readonly input: number } };
  if (members.blob === undefined) return members.value?.input ?? Number.NaN;
  const blob = blobs?.get(members.blob);
  if (!blob) return Number.NaN;
  return (JSON.parse(new TextDecoder().decode(blob)) as { readonly value: { readonly input: number } }).value.input;
}
