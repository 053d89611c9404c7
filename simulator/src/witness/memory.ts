import { condemned, itemAt, itemCount } from "../../../packages/core/src/protocol/index.ts";
import type { Chunk, Item, Lease } from "../../../packages/core/src/protocol/index.ts";
import { isDoubtful } from "../scenario/doubts.ts";
import type { Seen } from "./seen.ts";

/** Who leases a turn has the memory that each of its items needs, since it ran out of less; but where it ends them without a run. */
export function expectMemory(seen: Seen, key: string, chunk: Chunk, lease: Lease): void {
  const { cancelled, options } = chunk.submission;
  const { memoryOnOom: growth } = options;
  const has = seen.incarnations.get(lease.owner)?.memory;
  if (!growth || cancelled || has === undefined) return;
  for (let position = 0; position < itemCount(lease.items); position++) {
    const item = itemAt(lease.items, position);
    if (condemned(lease, item, options)) continue;
    const wanted = Math.max(item.memory ?? 0, lease.suspects?.[item.offset]?.memory ?? 0);
    const needed = Math.min(wanted, growth.most ?? Number.POSITIVE_INFINITY);
    if (needed > has)
      seen.world.violated(`${key} is of a worker with ${has}, and offset ${item.offset} needs ${needed}`);
  }
}

/** A death of which nobody tells is a silence to who takes over. It is told by who supervises, when the provider told that. */
export function noteUnheard(seen: Seen, { task }: Chunk, before: Lease): void {
  const { supervisor, world } = seen;
  const { death, deadFor } = seen.incarnations.get(before.owner) ?? {};
  if (death !== "oom" || deadFor === undefined) return;
  const isSupervised = supervisor?.process.alive === true && !world.objects.has(seen.keys.gone(supervisor.owner));
  const all = isSupervised && supervisor.since < world.timeline.now - deadFor;
  if (!all || world.scenario.reportDelay > 50 || isDoubtful(world.scenario)) seen.unheard.add(task);
}

/** An item that is tried again for want of memory needs more than the worker had on which it ran out. */
export function expectGrowth(
  seen: Seen,
  key: string,
  { submission }: Chunk,
  worker: string,
  before: readonly Item[],
  again: readonly Item[],
): void {
  const { memoryOnOom: growth } = submission.options;
  for (const item of again) {
    const earlier = before.find(({ offset }) => offset === item.offset);
    const ranOut = item.blame === "oom" && item.attempt > (earlier?.attempt ?? 0);
    const had = seen.incarnations.get(worker)?.memory ?? Number.POSITIVE_INFINITY;
    const most = growth?.most ?? Number.POSITIVE_INFINITY;
    const expected =
      growth && ranOut && Number.isFinite(had) ? Math.min(Math.ceil(had * growth.factor), most) : earlier?.memory;
    if (item.memory !== expected)
      seen.world.violated(`${key} says that offset ${item.offset} needs ${item.memory} and not ${expected}`);
    if (ranOut && Number.isFinite(had) && had >= most)
      seen.world.violated(`${key} tries offset ${item.offset} again, and nobody has more`);
  }
}

/** What a death for want of memory says of the task that was running alone. */
export function expectSuspicion(seen: Seen, key: string, { submission }: Chunk, lease: Lease, before: Lease): void {
  const { memoryOnOom: growth } = submission.options;
  const had = seen.incarnations.get(before.owner)?.memory;
  if (!growth || had === undefined || !Number.isFinite(had)) return;
  for (const [offset, { ooms = 0, memory = 0 }] of Object.entries(lease.suspects ?? {}))
    if (ooms > (before.suspects?.[offset]?.ooms ?? 0) && memory <= had)
      seen.world.violated(`${key} lets offset ${offset} run on ${memory}, which died of ${had}`);
}
