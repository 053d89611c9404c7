import { retried } from "../../../packages/core/src/protocol/claim.ts";
import { itemCount, parseJson } from "../../../packages/core/src/protocol/index.ts";
import type { Chunk, Item, Lease, LeaseId, TurnSummary } from "../../../packages/core/src/protocol/index.ts";
import { expectMemory, expectSuspicion, noteUnheard } from "./memory.ts";
import { chunkName, text } from "./seen.ts";
import type { Seen } from "./seen.ts";

/** A lease is of who was born, at a time at which there is something to do, and of what older facts fix. */
export function checkLease(seen: Seen, key: string, id: LeaseId, lease: Lease): void {
  seen.leases.set(key, lease);
  if (!seen.incarnations.has(lease.owner) && !lease.owner.startsWith("client."))
    seen.world.violated(`${key} is of ${lease.owner}, who was never born`);
  if (seen.overdue > 0 && !lease.owner.startsWith("client."))
    seen.world.violated(
      `${key} is leased ${Math.round(seen.overdue)} ms after it can be known that the deadline has passed`,
    );
  if (lease.epoch !== id.e) seen.world.violated(`${key} says epoch ${lease.epoch}`);
  const chunk = seen.chunk(id);
  expectMemory(seen, key, chunk, lease);
  if (id.e > 1) {
    const before = seen.leases.get(seen.keys.lease({ ...id, e: id.e - 1 }));
    if (before && lease.because === "lost") {
      expectSilence(seen, key, before);
      noteUnheard(seen, chunk, before);
    }
    if (before && (lease.because === "crash" || lease.because === "oom")) expectDeath(seen, key, lease.because, before);
    if (before && lease.because === "oom") expectSuspicion(seen, key, chunk, lease, before);
    if (!before) seen.world.violated(`${key} follows no lease`);
    else if (text([before.items, before.cut, before.grant]) !== text([lease.items, lease.cut, lease.grant]))
      seen.world.violated(`${key} computed items, cut or grant again`);
    return;
  }
  if (id.t === 0) seen.lastLease = seen.world.timeline.now;
  const before = id.t === 0 ? undefined : seen.summaries.get(seen.keys.done({ ...id, t: id.t - 1 }));
  seen.newest.set(chunkName(id), { id, summary: undefined });
  if (id.t > 0 && !before) return seen.world.violated(`${key} opens a turn before the one before is done`);
  const items = before ? itemsOf(seen, key, chunk, lease, before) : chunk.count;
  if (text(items) !== text(lease.items))
    seen.world.violated(`${key} has the items ${text(lease.items)} and not ${text(items)}`);
  else if (itemCount(items) === 0) seen.world.violated(`${key} opens a turn for nothing`);
}

/** What was carried over, and what grants start again that the claimer has read: no more than there are, and none twice. */
function itemsOf(seen: Seen, key: string, chunk: Chunk, lease: Lease, before: TurnSummary): readonly Item[] {
  const { grants } = chunk.submission;
  if (lease.grant < before.grant || lease.grant > grants.length)
    seen.world.violated(`${key} is of grant ${lease.grant}, after ${before.grant} and of ${grants.length}`);
  const again = retried(chunk, before, grants.slice(0, lease.grant)).map((offset) => ({ offset, attempt: 1 }));
  if (lease.grant > before.grant && again.length === 0) seen.world.violated(`${key} uses a grant that starts nothing`);
  return [...before.again, ...again].sort((a, b) => a.offset - b.offset);
}

/** Nobody is taken for lost who showed a sign of life not long ago; where delays and clocks leave no doubt. */
function expectSilence(seen: Seen, key: string, before: Lease): void {
  const { faults, ttl } = seen.world.scenario;
  if (
    faults.freezes +
      faults.slow +
      faults.clockJumps +
      faults.lateLandings +
      faults.lostAnswers +
      faults.lostRequests +
      faults.outages >
    0
  )
    return;
  if (seen.world.objects.has(seen.keys.gone(before.owner))) return;
  const silence = seen.world.timeline.now - (seen.beats.get(before.owner) ?? Number.NEGATIVE_INFINITY);
  if (silence < ttl / 2) seen.world.violated(`${key} takes ${before.owner} for lost after ${Math.round(silence)} ms`);
}

/** Nobody's death is laid to its tasks that was for another reason. */
function expectDeath(seen: Seen, key: string, because: string, before: Lease): void {
  const bytes = seen.world.objects.get(seen.keys.gone(before.owner));
  const { reason } = (bytes ? parseJson(bytes) : {}) as { readonly reason?: string };
  if (reason !== because)
    seen.world.violated(`${key} lays a ${because} to its tasks, and ${before.owner} is gone for ${reason}`);
}
