import type { Backend, WorkerExit, WorkerStatus } from "../../backend.ts";
import type { Place } from "../place.ts";

/** Milliseconds between two looks at a provider that does not tell by itself. */
const period = 1000;

/** Looks in a row from which it has to be missing to be taken for lost: a provider may lag behind its launches. */
const mostMissed = 3;

/** How this worker of the session ended, once it did. One that the provider does not know any more is lost. */
export async function workerExit(backend: Backend, { id, runtime }: Place, worker: string): Promise<WorkerExit> {
  const over = new AbortController();
  try {
    if (backend.watch) {
      for await (const statuses of backend.watch(id, { signal: over.signal })) {
        const exit = exitIn(statuses, worker);
        if (exit) return exit;
      }
    }
    for (let missed = 0; missed < mostMissed;) {
      const statuses = await backend.list(id);
      const exit = exitIn(statuses, worker);
      if (exit) return exit;
      missed = statuses.some((status) => status.id === worker) ? 0 : missed + 1;
      await runtime.sleep(period);
    }
    return { reason: "lost" };
  } finally {
    over.abort();
  }
}

function exitIn(statuses: readonly WorkerStatus[], worker: string): WorkerExit | undefined {
  const status = statuses.find(({ id }) => id === worker);
  return status?.state === "exited" ? (status.exit ?? { reason: "lost" }) : undefined;
}
