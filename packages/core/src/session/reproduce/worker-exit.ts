import type { Backend, WorkerExit, WorkerStatus } from "../../backend.ts";
import type { Place } from "../place.ts";

/** Milliseconds between two looks at a provider that does not tell by itself. */
const period = 1000;

/** How this worker of the session ended, once it did. One that the provider no longer knows is lost. */
export async function workerExit(backend: Backend, { id, runtime }: Place, worker: string): Promise<WorkerExit> {
  const over = new AbortController();
  try {
    if (backend.watch) {
      for await (const statuses of backend.watch(id, { signal: over.signal })) {
        const exit = exitIn(statuses, worker);
        if (exit) return exit;
      }
    }
    for (;;) {
      const statuses = await backend.list(id);
      const exit = exitIn(statuses, worker);
      if (exit) return exit;
      if (!statuses.some((status) => status.id === worker)) return { reason: "lost" };
      await runtime.sleep(period);
    }
  } finally {
    over.abort();
  }
}

function exitIn(statuses: readonly WorkerStatus[], worker: string): WorkerExit | undefined {
  const status = statuses.find(({ id }) => id === worker);
  return status?.state === "exited" ? (status.exit ?? { reason: "lost" }) : undefined;
}
