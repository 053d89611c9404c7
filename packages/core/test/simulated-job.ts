/** A job of which everything is known, down to how long each task takes. Times are in seconds. */
export interface SimulatedJob {
  readonly durations: readonly number[];
  readonly workers: number;
  readonly slots: number;
  /** Tasks of a chunk. */
  readonly chunk: number;
  readonly startup: number;
  readonly request: number;
  readonly ttl: number;
  readonly minimumBilling: number;
  readonly random: () => number;
}

interface SimulatedWorker {
  readonly number: number;
  /** Durations of tasks that it has leased and not begun. */
  readonly queue: number[];
  /** Its own stripe, from here on. */
  next: number;
  end: number;
}

/**
 * Plays a job event by event: a slot that is free takes the next task that its worker holds; a worker that holds none leases a chunk of its
 * own stripe, then any that is left.
 */
export function simulateJob(job: SimulatedJob): { readonly wall: number; readonly billed: number } {
  const { workers, slots, startup, request, ttl, minimumBilling, random } = job;
  const chunks = chunksOf(job);
  const left = new Set(chunks.keys());
  const fleet: SimulatedWorker[] = Array.from({ length: workers }, (_, number) => ({
    number,
    queue: [],
    next: number,
    end: startup,
  }));
  const free = fleet.flatMap((worker) => Array.from({ length: slots }, () => ({ worker, at: startup })));
  while (free.length > 0) {
    free.sort((a, b) => b.at - a.at);
    const slot = free.pop();
    if (!slot) break;
    const { worker } = slot;
    if (worker.queue.length === 0) {
      const number = claim(worker, workers, left, random);
      if (number === undefined) continue;
      left.delete(number);
      worker.queue.push(...(chunks[number] ?? []));
      slot.at += request;
    }
    slot.at += worker.queue.shift() ?? 0;
    worker.end = Math.max(worker.end, slot.at);
    free.push(slot);
  }
  const ends = fleet.map(({ end }) => end).sort((a, b) => b - a);
  const wall = ends[0] ?? 0;
  const staying = Math.max(2, Math.floor(workers / 8));
  const billed = ends.map((end, n) => Math.max(minimumBilling, n < staying ? wall : Math.min(wall, end + 1.5 * ttl)));
  return { wall, billed: billed.reduce((sum, time) => sum + time, 0) };
}

function chunksOf({ durations, chunk }: SimulatedJob): number[][] {
  const chunks: number[][] = [];
  for (let segment = 0; segment < durations.length; segment += 1000) {
    const end = Math.min(segment + 1000, durations.length);
    for (let from = segment; from < end; from += chunk) chunks.push(durations.slice(from, Math.min(from + chunk, end)));
  }
  return chunks;
}

function claim(
  worker: SimulatedWorker,
  workers: number,
  left: ReadonlySet<number>,
  random: () => number,
): number | undefined {
  if (left.has(worker.next)) {
    worker.next += workers;
    return worker.next - workers;
  }
  return [...left][Math.floor(random() * left.size)];
}
