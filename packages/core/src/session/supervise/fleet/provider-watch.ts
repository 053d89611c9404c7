import type { Backend, WorkerStatus } from "../../../backend.ts";
import type { Runtime } from "../../../runtime.ts";
import type { Seat } from "./burials.ts";
import { persistently } from "../persistently.ts";

export interface ProviderWatchOptions {
  readonly backend: Backend;
  readonly runtime: Runtime;
  readonly session: string;
  /** Milliseconds between two looks at a provider that does not tell by itself. */
  readonly period: number;
  /** Workers that start or run, as far as is known, by the provider's id. */
  readonly live: () => ReadonlyMap<string, Seat>;
  readonly told: (statuses: readonly WorkerStatus[]) => Promise<void>;
}

/** Looks in a row, a period apart, from which a worker has to be missing to be taken for lost: one may just lag behind. */
export const mostMissed = 3;

/** Tells what the provider says of a session's workers, until the signal fires. Rejects when it does not answer, for long. */
export async function watchProvider(options: ProviderWatchOptions, signal: AbortSignal): Promise<void> {
  try {
    await persistently(options.runtime, signal, () => watch(options, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function watch(options: ProviderWatchOptions, signal: AbortSignal): Promise<void> {
  const { backend, session, runtime, period, live, told } = options;
  if (backend.watch) {
    for await (const statuses of backend.watch(session, { signal })) await told(statuses);
    return;
  }
  const absences = new Absences();
  while (!signal.aborted) {
    // What has become free is taken within a period: half of it is for the launch.
    await runtime.sleep(period / 2, signal);
    if (signal.aborted) return;
    const before = new Map(live());
    const statuses = await persistently(runtime, signal, () => backend.list(session, { signal }));
    await told([...statuses, ...absences.lost(before, statuses)]);
  }
}

/** Workers that the provider no longer lists: some keep what ended for a short while only. */
class Absences {
  /** Looks in a row, two a period, in which a live worker was not listed. */
  #missed: ReadonlyMap<string, number> = new Map();

  lost(before: ReadonlyMap<string, Seat>, statuses: readonly WorkerStatus[]): WorkerStatus[] {
    const listed = new Set(statuses.map(({ id }) => id));
    const missing = [...before].filter(([id]) => !listed.has(id));
    this.#missed = new Map(missing.map(([id]) => [id, (this.#missed.get(id) ?? 0) + 1]));
    return missing
      .filter(([id]) => (this.#missed.get(id) ?? 0) >= 2 * mostMissed)
      .map(([id, { launch, slot }]) => ({ id, launch, slot, state: "exited" as const }));
  }
}
