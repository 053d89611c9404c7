import { batchesOf, itemAt, itemCount } from "../../../packages/core/src/protocol/index.ts";
import type {
  Chunk,
  Commit,
  Item,
  Lease,
  OutcomeLine,
  Range,
  TurnId,
} from "../../../packages/core/src/protocol/index.ts";
import { checkOutcome } from "./outcomes.ts";
import { expectGrowth } from "./memory.ts";
import { checkReferences } from "./references.ts";
import { text } from "./seen.ts";
import type { Seen } from "./seen.ts";
import { checkSummary } from "./summaries.ts";

const decoder = new TextDecoder();

/** A batch's outcomes: by who may say them, of all that it holds, and none that was said before. @param range undefined: of the turn's last. */
export function checkCommit(seen: Seen, key: string, id: TurnId, range: Range | undefined, commit: Commit): void {
  const { header } = commit;
  const chunk = seen.chunk(id);
  const lease = seen.leases.get(seen.keys.lease({ ...id, e: header.epoch }));
  if (!lease) return seen.world.violated(`${key} has epoch ${header.epoch}, and no such lease is there`);
  if (lease.owner !== header.worker)
    seen.world.violated(`${key} is by ${header.worker}, and the lease is of ${lease.owner}`);
  const batches = batchesOf(lease.cut, itemCount(lease.items));
  const mine = range ?? batches.at(-1);
  if (
    !mine ||
    header.first !== mine.first ||
    header.count !== mine.count ||
    !batches.some(({ first, count }) => first === mine.first && count === mine.count)
  ) {
    return seen.world.violated(`${key} is no batch of its turn`);
  }
  const items = Array.from({ length: mine.count }, (_, n) => itemAt(lease.items, mine.first + n));
  const texts = linesOf(commit);
  const lines = texts.map((line) => JSON.parse(line) as OutcomeLine);
  settled(seen, key, chunk, items, lines, header.again ?? []);
  const grown = header.again?.some(({ offset, attempt }) =>
    items.some((item) => item.offset === offset && item.attempt < attempt),
  );
  if (lines.length === 0 && grown !== true) seen.world.violated(`${key} brings nothing`);
  for (const [n, line] of lines.entries()) {
    replaced(seen, key, id, chunk, lease, line, texts[n] ?? "");
    checkOutcome(seen, key, chunk, items, line, header.worker);
  }
  carried(seen, key, chunk, items, header.again ?? []);
  expectGrowth(seen, key, chunk, header.worker, items, header.again ?? []);
  checkReferences(seen, key, id, commit, lines, items, chunk);
  odd(seen, key, id, mine, commit);
  if (!header.turn) {
    if (!range) seen.world.violated(`${key} does not say what the turn came to`);
    return;
  }
  for (const batch of batches.slice(0, -1))
    if (!seen.world.objects.has(seen.keys.part(id, batch)))
      seen.world.violated(`${key} is there before ${seen.keys.part(id, batch)}`);
  checkSummary(seen, key, id, commit, batches);
}

/** Its outcomes, as readers are given them. */
export function linesOf({ lines }: Commit): string[] {
  return decoder.decode(lines).split("\n").slice(0, -1);
}

function settled(
  seen: Seen,
  key: string,
  chunk: Chunk,
  items: readonly Item[],
  lines: readonly OutcomeLine[],
  again: readonly Item[],
): void {
  const found = [...lines.map(({ index }) => index - chunk.index), ...again.map(({ offset }) => offset)].sort(
    (a, b) => a - b,
  );
  const expected = items.map(({ offset }) => offset);
  if (text(found) !== text(expected)) seen.world.violated(`${key} settles ${text(found)} of ${text(expected)}`);
}

/** Only a grant of a retry brings another outcome, of what failed, in a later turn. */
function replaced(
  seen: Seen,
  key: string,
  { t }: TurnId,
  chunk: Chunk,
  { items }: Lease,
  line: OutcomeLine,
  whole: string,
): void {
  const known = seen.outcomes.get(line.task);
  seen.outcomes.set(line.task, { text: whole, line, key, t });
  seen.owed.delete(line.task);
  if (!known) return;
  const granted =
    known.line.status === "failed" &&
    known.t < t &&
    typeof items !== "number" &&
    items.some(({ offset }) => offset === line.index - chunk.index);
  if (!granted)
    seen.world.violated(
      `${key} holds a second outcome of task ${line.task}: ${whole.slice(0, 200)}; the first is in ${known.key}: ${known.text.slice(0, 200)}`,
    );
  seen.history.set(line.task, [...(seen.history.get(line.task) ?? []), known.text]);
}

function carried(seen: Seen, key: string, chunk: Chunk, items: readonly Item[], again: readonly Item[]): void {
  for (const { offset, attempt } of again) {
    const before = items.find((item) => item.offset === offset)?.attempt ?? 0;
    if (attempt === before) continue;
    const failed = seen.evidence
      .of(seen.inputOf(chunk, chunk.index + offset))
      .some((run) => run.attempt === before && run.how === "failed");
    if (attempt !== before + 1 || !failed)
      seen.world.violated(
        `${key} carries offset ${offset} over from attempt ${before} to ${attempt}${failed ? "" : ", though it did not fail"}`,
      );
  }
}

function odd(seen: Seen, key: string, id: TurnId, range: Range, { header }: Commit): void {
  const { turn } = header;
  const counts = turn
    ? { failed: turn.failedTasks.length, cancelled: turn.cancelledTasks, again: turn.again.length }
    : { failed: header.failed, cancelled: header.cancelled, again: header.again?.length ?? 0 };
  if (counts.failed + counts.cancelled + counts.again === 0) return;
  const odd = seen.keys.odd({ ...id, e: header.epoch }, range, counts);
  if (!seen.world.objects.has(odd)) seen.world.violated(`${key} is not wholly successful, and ${odd} is not there`);
}
