import { parseJson, SupervisorLease } from "@skyburst/core/protocol";
import type { Facts, Ledger, Runtime, SessionKeys } from "@skyburst/core/protocol";

export interface VacancyOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  /** Milliseconds. */
  readonly ttl: number;
  /** The newest that is known of it. */
  readonly ledger: () => Ledger;
  /** Whether anything is left for which a fleet may be wanted. */
  readonly isNeeded: () => boolean;
  /** Starts a process that supervises. */
  readonly start: () => void;
}

/** The longest wait is about a thousand TTLs: some hours on a directory. */
const mostDoublings = 10;

/**
 * Where workers may launch others, looks now and then who supervises, and starts a stand-in when nobody does. That one leaves by itself
 * where another was faster, so nothing is agreed on here.
 */
export async function fillVacancy(options: VacancyOptions, signal: AbortSignal): Promise<void> {
  const { facts, keys, runtime, ttl, ledger, isNeeded, start } = options;
  // Looked at, and never taken: that is the stand-in's.
  const lease = new SupervisorLease({ facts, keys, runtime, ttl, client: "" });
  // At a time of its own: of many workers the first few find the place empty.
  const usual = () => (ttl / 2) * (0.5 + runtime.random());
  let tried = { epoch: -1, times: 0 };
  for (let wait = usual(); ;) {
    await runtime.sleep(wait, signal);
    if (signal.aborted) return;
    wait = usual();
    const { paused, removed, cancelled } = ledger();
    if (paused || removed || cancelled || !isNeeded()) continue;
    try {
      const { state, owner, epoch } = await lease.look();
      if (state === "late") wait = lease.again;
      // It takes its place, or finds that it can't, in less than a TTL. Where nobody ever comes, each try is a process in vain.
      if (state === "gone" && !(await hasFailed(options, owner))) {
        tried = { epoch, times: epoch === tried.epoch ? tried.times + 1 : 1 };
        start();
        wait = ttl * 2 ** Math.min(tried.times - 1, mostDoublings);
      }
    } catch {
      // A store that does not answer is asked again; whether it still has the session is asked elsewhere.
    }
  }
}

/** Whoever gave up said so: another one would fare no better. */
async function hasFailed({ facts, keys }: VacancyOptions, owner: string | undefined): Promise<boolean> {
  const word = owner === undefined ? undefined : await facts.get(keys.gone(owner));
  return word !== undefined && (parseJson(word) as { readonly reason?: string }).reason === "failed";
}
