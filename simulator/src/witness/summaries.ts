import { parseCommit } from "../../../packages/core/src/protocol/index.ts";
import type { Commit, Range, TurnId } from "../../../packages/core/src/protocol/index.ts";
import { chunkName, text } from "./seen.ts";
import type { Seen } from "./seen.ts";

/** What a `done` says of its turn is the sum of what its commits say. */
export function checkSummary(seen: Seen, key: string, id: TurnId, { header }: Commit, batches: readonly Range[]): void {
  const { turn } = header;
  if (!turn) return;
  const parts = batches.slice(0, -1).map((batch) => seen.world.objects.get(seen.keys.part(id, batch)));
  const headers = [...parts.filter((body) => body !== undefined).map((body) => parseCommit(body).header), header];
  const again = headers.flatMap((part) => part.again ?? []).sort((a, b) => a.offset - b.offset);
  const sums = [
    headers.reduce((sum, part) => sum + part.succeeded, 0),
    headers.reduce((sum, part) => sum + part.failed, 0),
    headers.reduce((sum, part) => sum + part.cancelled, 0),
  ];
  if (text(sums) !== text([turn.succeeded, turn.failed, turn.cancelled]))
    seen.world.violated(
      `${key} sums its turn up as ${text([turn.succeeded, turn.failed, turn.cancelled])}; it came to ${text(sums)}`,
    );
  if (text(again) !== text(turn.again))
    seen.world.violated(`${key} carries over ${text(turn.again)}; its commits say ${text(again)}`);
  const chunk = seen.chunk(id);
  const ended = [...seen.outcomes.values()].filter(
    ({ line }) => line.task >= chunk.task && line.task < chunk.task + chunk.count,
  );
  const failed = ended
    .filter(({ line }) => line.status === "failed")
    .map(({ line }) => line.task - chunk.task)
    // What was started again and is carried over is neither.
    .filter((offset) => !again.some((item) => item.offset === offset))
    .sort((a, b) => a - b);
  const cancelled = ended.filter(({ line }) => line.status === "cancelled").length;
  if (text(failed) !== text(turn.failedTasks) || cancelled !== turn.cancelledTasks)
    seen.world.violated(
      `${key} says failed ${text(turn.failedTasks)}, ${turn.cancelledTasks} cancelled of its chunk; it is ${text(failed)}, ${cancelled}`,
    );
  const { grant } = seen.leases.get(seen.keys.lease({ ...id, e: header.epoch })) ?? { grant: Number.NaN };
  if (turn.grant !== grant) seen.world.violated(`${key} is of grant ${turn.grant}, and its lease of ${grant}`);
  seen.summaries.set(key, turn);
  seen.newest.set(chunkName(id), { id, summary: turn });
}
