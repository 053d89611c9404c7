import { systemRuntime } from "../../runtime.ts";
import type { Runtime } from "../../runtime.ts";
import type { SweptBackend } from "./orphans.ts";

/** How long workers that were stopped are waited for, in milliseconds: a provider's grace time, and some more. */
const patience = 15_000;
const look = 250;

interface StopWorkersOptions {
  readonly backend?: Pick<SweptBackend, "list" | "stop"> | undefined;
  /** Stops nobody, and only counts. Default false. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly runtime?: Runtime | undefined;
}

/**
 * Stops the workers of a session, whoever launched them. Returns how many there were. Waits until the provider sees them ended: who stopped
 * them may have to kill them.
 */
export async function stopWorkers(session: string, options: StopWorkersOptions): Promise<number> {
  const { backend, dryRun = false, signal, runtime = systemRuntime } = options;
  const alive = async () =>
    ((await backend?.list(session, { signal })) ?? []).filter(({ state }) => state !== "exited");
  const left = await alive();
  if (left.length === 0 || dryRun) return left.length;
  await backend?.stop(
    left.map((worker) => worker.id),
    { signal },
  );
  for (let waited = 0; waited < patience && (await alive()).length > 0; waited += look)
    await runtime.sleep(look, signal);
  return left.length;
}
