import type { Backend } from "@skyburst/core";
import { systemRuntime } from "@skyburst/core/protocol";

/** Milliseconds in which every worker has to be gone when its job has ended. */
const patience = 5000;

/**
 * Workers of a session that the provider tells of, ended ones aside: what goes on to run, and to cost, when the job is over. Of a provider
 * that does not answer: why.
 */
export async function leakedWorkers(backend: Backend, session: string): Promise<readonly string[]> {
  try {
    return await livingWorkers(backend, session);
  } catch (error) {
    return [`${backend.name} can't be asked: ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function livingWorkers(backend: Backend, session: string): Promise<readonly string[]> {
  const deadline = systemRuntime.monotonic() + patience;
  for (;;) {
    const living = (await backend.list(session)).filter(({ state }) => state !== "exited").map(({ id }) => id);
    // Of what the list does not show, the role that finds what nobody cares for may tell.
    const named = (await backend.sessions?.())?.some(({ sessionId }) => sessionId === session) ?? false;
    const leaked = living.length === 0 && named ? [`a worker of session ${session}`] : living;
    if (leaked.length === 0 || systemRuntime.monotonic() >= deadline) return leaked;
    await systemRuntime.sleep(100);
  }
}
