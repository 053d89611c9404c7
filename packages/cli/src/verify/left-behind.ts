import type { Backend } from "@skyburst/core";
import { systemRuntime } from "@skyburst/core/protocol";

/** What a job has left at the provider, in its words; or why nobody knows. */
export type LeftBehind = { readonly found: readonly string[] } | { readonly unknown: string };

/** Milliseconds in which everything has to be gone when its job has ended. */
const patience = 5000;

/**
 * What is there of a session when its job is over, and goes on to run, to cost or to lie about: workers that start or run, by the list, and
 * by the role that finds those that nobody cares for; and what the role that removes remnants would remove.
 */
export async function leftBehind(backend: Backend, session: string): Promise<LeftBehind> {
  const deadline = systemRuntime.monotonic() + patience;
  try {
    for (let wait = 100; ; wait = Math.min(2 * wait, 1000)) {
      const found = await look(backend, session);
      if (found.length === 0 || systemRuntime.monotonic() >= deadline) return { found };
      await systemRuntime.sleep(wait);
    }
  } catch (error) {
    return { unknown: `${backend.name} can't be asked: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function look(backend: Backend, session: string): Promise<readonly string[]> {
  const [listed, managed = [], remnants = []] = await Promise.all([
    backend.list(session),
    backend.sessions?.(),
    backend.teardown?.({ dryRun: true }),
  ]);
  const living = listed.filter(({ state }) => state !== "exited").map(({ id, state }) => `${id} (${state})`);
  const unlisted = living.length === 0 && managed.some(({ sessionId }) => sessionId === session);
  return [
    ...living,
    ...(unlisted ? [`a worker of session ${session} that is not listed`] : []),
    ...remnants.filter(({ sessionId }) => sessionId === session).map(({ kind, name }) => `${kind} ${name}`),
  ];
}
