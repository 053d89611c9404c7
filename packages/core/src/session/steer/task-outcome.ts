import { grantsOf } from "../../protocol/chunk.ts";
import { retried } from "../../protocol/claim.ts";
import type { OutcomeLine } from "../../protocol/commit.ts";
import { chunkOfTask } from "./chunk-of-task.ts";
import { ChunkReader } from "../collect/chunk-reader.ts";
import type { Place } from "../place.ts";

/** What became of a task of the session so far. undefined: it has no outcome yet, or none since it was started again. */
export async function taskOutcome({ facts, keys, view }: Place, task: number): Promise<OutcomeLine | undefined> {
  const chunk = chunkOfTask(view.current, task);
  if (!chunk) return undefined;
  const reader = new ChunkReader(facts, keys, chunk);
  let found: OutcomeLine | undefined;
  const look = async (commits: AsyncGenerator<{ readonly lines: Uint8Array }, boolean | number>) => {
    for (;;) {
      const step = await commits.next();
      if (step.done) return step.value;
      found = lineOf(step.value.lines, task) ?? found;
    }
  };
  const grants = grantsOf(view.current, chunk);
  while (!reader.finished && (await look(reader.done(grants)))) {
    const { summary } = reader;
    if (summary && retried(chunk, summary, grants).includes(task - chunk.task)) found = undefined;
  }
  if (!reader.finished) await look(reader.parts());
  return found;
}

function lineOf(lines: Uint8Array, task: number): OutcomeLine | undefined {
  for (const text of decoder.decode(lines).split("\n")) {
    if (!text.includes(`,"task":${task},`)) continue;
    const line = JSON.parse(text) as OutcomeLine;
    if (line.task === task) return line;
  }
  return undefined;
}

const decoder = new TextDecoder();
