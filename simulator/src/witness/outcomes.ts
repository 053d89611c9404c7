import { chunkAt } from "../../../packages/core/src/protocol/index.ts";
import type { Chunk, Item, OutcomeLine } from "../../../packages/core/src/protocol/index.ts";
import { taskPlan, valueOf } from "../tasks.ts";
import type { Seen } from "./seen.ts";

/** What an outcome says happened, and was seen to happen. */
export function checkOutcome(
  seen: Seen,
  key: string,
  chunk: Chunk,
  items: readonly Item[],
  line: OutcomeLine,
  worker: string,
): void {
  if (line.task - chunk.task !== line.index - chunk.index)
    seen.world.violated(`${key} gives task ${line.task} the index ${line.index}`);
  const item = items.find(({ offset }) => offset === line.index - chunk.index);
  const attempts = (item?.attempt ?? 0) - (line.status === "cancelled" ? 1 : 0);
  if (line.attempts !== attempts)
    seen.world.violated(`${key} says ${line.attempts} attempts of task ${line.task}, which was at ${attempts}`);
  if (
    line.status === "cancelled" &&
    !chunkNow(seen, chunk)?.submission.cancelled &&
    seen.ledger?.cancelledTasks.includes(line.task) !== true
  )
    seen.world.violated(`${key} holds a cancelled task that nobody cancelled`);
  if (line.status === "cancelled") return;
  if (line.status === "failed" && (line.error as { name?: string }).name === "WorkerLostError")
    return condemned(seen, key, chunk, line.index - chunk.index);
  const input = seen.inputOf(chunk, line.index);
  const process = seen.incarnations.get(worker);
  const ran = seen.evidence
    .of(input)
    .some((run) => run.process === process && run.how === line.status && run.attempt === line.attempts);
  if (!ran)
    seen.world.violated(
      `${key} says that task ${line.task} ${line.status} at attempt ${line.attempts}, which ${worker} never saw`,
    );
  const isEmpty = taskPlan(seen.world.scenario, input).kind === "empty";
  if (line.status === "succeeded" && !line.blob && (isEmpty ? "value" in line : Number(line.value) !== valueOf(input)))
    seen.world.violated(`${key} gives task ${line.task} the value of another one`);
}

/** A task is given up only after it was tried alone, and its worker was gone, twice. */
function condemned(seen: Seen, key: string, chunk: Chunk, offset: number): void {
  const suffix = `.${String(offset).padStart(4, "0")}`;
  const tries = seen.world.objects.under(seen.keys.tries(chunk)).filter((name) => name.endsWith(suffix));
  if (tries.length < 2) seen.world.violated(`${key} gives offset ${offset} up after ${tries.length} tries alone`);
}

function chunkNow(seen: Seen, chunk: Chunk): Chunk | undefined {
  return seen.ledger && chunkAt(seen.ledger, chunk);
}
