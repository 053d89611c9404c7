import type { StateStore } from "@skyburst/core";
import { systemRuntime } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";
import { typed } from "../typed.ts";
import type { Background } from "./background.ts";
import { hasLaunched, isSupervised } from "./is-supervised.ts";

/** Longest time from the start of a process until it supervises, in milliseconds: on a machine that has better things to do. */
const patience = 60_000;

/** A supervisor that has launched nothing for so long sees no reason to, in milliseconds. */
const longestLaunch = 10_000;

/**
 * Resolves when the session has a supervisor, or the one that was started found that it needs none.
 *
 * @throws {CliError} `supervisor`
 */
export async function supervised(store: StateStore, background: Background): Promise<void> {
  await waitFor(store, background, () => isSupervised(store, background.session));
}

/** The same for a session that begins now: its supervisor could also start workers. */
export async function begun(store: StateStore, background: Background): Promise<void> {
  await supervised(store, background);
  const until = systemRuntime.monotonic() + longestLaunch;
  await waitFor(
    store,
    background,
    async () => (await hasLaunched(store, background.session)) || systemRuntime.monotonic() > until,
  );
}

/** Resolves when it holds, or when the process in the background has ended well. */
async function waitFor(store: StateStore, background: Background, holds: () => Promise<boolean>): Promise<void> {
  const { monotonic, sleep } = systemRuntime;
  const [shortest, longest] = store.pace.poll;
  const until = monotonic() + patience;
  for (let wait = shortest; ; wait = Math.min(wait * 1.5, longest, 1000)) {
    // Asked before the store is: what ends behind the look may have supervised until then.
    const ending = background.ending();
    if (ending === 0) return;
    if (ending !== undefined) throw unsupervised(background, `it ended with ${ending}.`);
    if (await holds()) return;
    if (monotonic() > until) throw unsupervised(background, "it was not there after a minute.");
    await sleep(wait);
  }
}

function unsupervised({ session, flags, said }: Background, otherwise: string): CliError {
  return new CliError(
    "supervisor",
    `${session} is stored, but no supervisor could be started for it: ${said() || otherwise} To try again: ${typed(["supervise", session], flags)}`,
  );
}
