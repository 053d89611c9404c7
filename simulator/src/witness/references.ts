import type { Chunk, Commit, Item, OutcomeLine, TurnId } from "../../../packages/core/src/protocol/index.ts";
import type { Seen } from "./seen.ts";

/** An outcome is visible only after all that it refers to. */
export function checkReferences(
  seen: Seen,
  key: string,
  id: TurnId,
  { header }: Commit,
  lines: readonly OutcomeLine[],
  items: readonly Item[],
  chunk: Chunk,
): void {
  const { objects } = seen.world;
  for (const line of lines) {
    if (line.status === "succeeded" && line.blob && objects.get(line.blob.key)?.length !== line.blob.bytes)
      seen.world.violated(`${key} refers to ${line.blob.key}, which is not there`);
  }
  for (const item of items) {
    const { offset, attempt } = item;
    const again = header.again?.find((other) => other.offset === offset);
    const ended = again
      ? again.attempt > attempt
      : lines.some((line) => line.index === chunk.index + offset && line.status !== "cancelled");
    if (!ended) continue;
    const log = { ...id, e: header.epoch, offset, attempt };
    const names = objects.under(seen.keys.logsOf(log));
    const ride = header.logs?.find((other) => other.offset === offset && other.attempt === attempt);
    const pieces = names.filter((name) => !name.endsWith("~end"));
    const bytes = pieces.reduce((sum, name) => sum + (objects.get(name)?.length ?? 0), 0);
    if (pieces.length > 0 && pieces.length === names.length)
      seen.world.violated(`${key} comes before the end of its log ${seen.keys.logsOf(log)}`);
    if (ride && ride.at !== bytes)
      seen.world.violated(`${key} carries a log from ${ride.at} on, and ${bytes} bytes are written`);
    if (bytes + (ride?.bytes ?? 0) > 0) seen.logs.set(seen.keys.logsOf(log), bytes + (ride?.bytes ?? 0));
    const process = seen.incarnations.get(header.worker);
    const printed = seen.evidence
      .of(seen.inputOf(chunk, chunk.index + offset))
      .filter((run) => run.process === process && run.attempt === attempt && run.how !== "died");
    if (printed.length > 0 && printed.every((run) => run.printed !== bytes + (ride?.bytes ?? 0)))
      seen.world.violated(
        `${key}: the log of offset ${offset} has ${bytes} + ${ride?.bytes ?? 0} bytes, and ${printed.map((run) => run.printed).join(", ")} were printed`,
      );
  }
}
