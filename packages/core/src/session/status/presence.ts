import { facts as factsOf, listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { sessionKeys } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import { parseJson } from "../../protocol/lines.ts";
import { systemRuntime } from "../../runtime.ts";
import type { StateStore } from "../../store.ts";
import { supervisorPace } from "../supervise/supervisor-lease.ts";
import { ages, livesOf } from "./worker-lives.ts";
import type { PresentWorker, WorkerLife } from "./worker-lives.ts";

/** Who works on a session, as key names and their age tell. */
export interface Presence {
  /** The store's clock. */
  readonly now: number;
  /** Worker processes that were born and did not say, nor is it said of them, that they are gone. */
  readonly workers: readonly PresentWorker[];
  /** Every worker process there ever was. */
  readonly lives: readonly (WorkerLife & PresentWorker)[];
  readonly supervisor: PresentSupervisor | undefined;
  /** Clients that said within the TTL that they live. */
  readonly clients: readonly string[];
}

export interface PresentSupervisor {
  readonly owner: string;
  readonly alive: boolean;
  /** Why it gave up. */
  readonly failure?: string | undefined;
}

/** Some LISTs, and a GET or two for the supervisor. */
export async function readPresence(facts: Facts, keys: SessionKeys, ttl: number): Promise<Presence> {
  const births = await listAll(facts, keys.births);
  const gones = ages((await listAll(facts, keys.gones)).entries, keys.gones);
  const { entries, now } = await listAll(facts, keys.workers);
  const hints = ages(entries, keys.workers);
  const lives = livesOf(births.entries, keys, gones, hints);
  return {
    now,
    lives,
    workers: lives.filter(({ gone }) => gone === undefined),
    supervisor: await supervisorOf(facts, keys, ttl, now, gones, hints),
    clients: [...hints]
      .filter(([id, modified]) => id.startsWith("client.") && !gones.has(id) && now - modified <= ttl)
      .map(([id]) => id),
  };
}

/** Whether a worker may be alive: it was heard of within the TTL, or somebody did something within it. */
export function mayLive({ heard }: PresentWorker, { now }: Presence, ttl: number, newestFact: number): boolean {
  return now - Math.max(heard, newestFact) <= ttl;
}

async function supervisorOf(
  facts: Facts,
  keys: SessionKeys,
  ttl: number,
  now: number,
  gones: ReadonlyMap<string, number>,
  hints: ReadonlyMap<string, number>,
): Promise<PresentSupervisor | undefined> {
  const newest = (await listAll(facts, keys.supervisors)).entries.at(-1);
  const bytes = newest && (await facts.get(newest.key));
  if (!newest || !bytes) return undefined;
  const { owner } = parseJson(bytes) as { readonly owner: string };
  const heard = Math.max(newest.modified, hints.get(owner) ?? 0);
  const alive = !gones.has(owner) && now - heard <= supervisorPace(ttl).lease;
  // Who gives up says why with its last word.
  const word = gones.has(owner) ? await facts.get(keys.gone(owner)) : undefined;
  const { reason, message } = (word ? parseJson(word) : {}) as { readonly reason?: string; readonly message?: string };
  return { owner, alive, ...(reason === "failed" && message !== undefined ? { failure: message } : {}) };
}

/** Workers that were born and did not say, nor is it said of them, that they are gone. */
export async function aliveWorkers(facts: Facts, keys: SessionKeys): Promise<number> {
  const births = (await listAll(facts, keys.births)).entries;
  const gones = ages((await listAll(facts, keys.gones)).entries, keys.gones);
  return livesOf(births, keys, gones, new Map()).filter(({ gone }) => gone === undefined).length;
}

/**
 * Resolves when every worker of the session has written its `gone`, which is its last act: nothing is written to the session
 * any more, though a process may still be on its way out. Resolves as well when the signal fires.
 */
export async function lastWords(store: StateStore, session: string, signal: AbortSignal): Promise<void> {
  const facts = factsOf(store, systemRuntime);
  const [shortest, longest] = store.pace.poll;
  for (let looks = 0; !signal.aborted; looks++) {
    if ((await aliveWorkers(facts, sessionKeys(session))) === 0) return;
    await systemRuntime.sleep(Math.min(shortest * 1.2 ** looks, longest), signal);
  }
}
