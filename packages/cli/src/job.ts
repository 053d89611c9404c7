import { open, sweepSessions } from "@skyburst/core";
import type { Backend, Session } from "@skyburst/core";
import { lastWords, systemRuntime } from "@skyburst/core/protocol";
import { interruption } from "./interrupt.ts";
import { tell } from "./output/tell.ts";
import { readSecrets } from "./secrets.ts";
import { sessionLimits } from "./session-limits.ts";
import type { JobFlags, Stack } from "./stack.ts";

/** Sessions of the command line may be swept at this age, in milliseconds; `--keep` means never. */
const keptFor = 7 * 86_400_000;

/** A command has one submission: when that is done nothing more will come, and its workers leave by themselves, in milliseconds after. */
const linger = 0;

/** Workers get this long to end after an interruption, in milliseconds: more than they give their tasks. */
const patience = 15_000;

/** Who interrupted hears after so long what is waited for, in milliseconds. */
const patient = 10_000;

/** Most time for sweeping, in milliseconds: who has waited for a job does not want to wait for its broom. */
const sweepTime = 500;

/**
 * Opens a session, works in it, and leaves nothing running behind.
 *
 * @param work Is given a signal that fires when the user interrupts, and tells the exit code.
 * @param afterwards When its workers have said their last word.
 */
export async function job(
  stack: Stack,
  flags: JobFlags,
  work: (session: Session, signal: AbortSignal) => Promise<number>,
  afterwards?: (session: Session) => Promise<void>,
): Promise<number> {
  const { backend, store, costs, workers, spec, secrets } = stack;
  const signal = interruption();
  const session = await open({
    backend,
    store,
    costs,
    workers,
    spec,
    secrets: readSecrets(secrets),
    id: flags.early?.worker?.session,
    name: flags.name,
    linger,
    ...(await sessionLimits(stack)),
    ...(flags.keep ? {} : { expires: keptFor }),
  });
  try {
    const code = await work(session, signal);
    await letGo(session, stack);
    await afterwards?.(session);
    await sweepSessions(store, AbortSignal.timeout(sweepTime));
    return code;
  } catch (error) {
    await stopWorkers(session, backend, error);
    throw error;
  }
}

/** What keeps workers from being stopped is told beside what ended the job, and not in its place. */
async function stopWorkers(session: Session, backend: Backend, ended: unknown): Promise<void> {
  const words = "workers are still being stopped; interrupt once more to leave them to themselves";
  const told = setTimeout(() => void tell(words), patient);
  try {
    await session.close();
    await allGone(backend, session.id);
  } catch (failure) {
    const why = messageOf(failure);
    if (!messageOf(ended).includes(why)) await tell(`whether workers of ${session.id} run on is not known: ${why}`);
  } finally {
    clearTimeout(told);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Nothing is left to do. What workers still write has to be there before this ends, or it would meet whoever cleans up; their processes need nobody to watch them leave. */
async function letGo(session: Session, { store, backend }: Stack): Promise<void> {
  const enough = new AbortController();
  const closed = session.close();
  await (backend.capabilities.sharesFileSystem
    ? Promise.race([closed, lastWords(store, session.id, enough.signal)])
    : closed);
  enough.abort();
}

/** Workers end what they run before they end themselves: when they are gone, so is every process of a command. */
export async function allGone(backend: Backend, session: string): Promise<void> {
  const deadline = systemRuntime.monotonic() + patience;
  for (let wait = 5; systemRuntime.monotonic() < deadline; wait = Math.min(wait * 2, 200)) {
    if ((await backend.list(session)).every(({ state }) => state === "exited")) return;
    await systemRuntime.sleep(wait);
  }
}
