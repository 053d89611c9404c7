import type { Backend } from "../../../backend.ts";
import type { Facts } from "../../../protocol/facts.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import type { Runtime } from "../../../runtime.ts";
import { bury } from "./burials.ts";
import type { Seat } from "./burials.ts";
import { persistently } from "../persistently.ts";
import { mostMissed } from "./provider-watch.ts";
import { isAmong } from "./roster.ts";

export interface UnlistedOptions {
  readonly facts: Facts;
  readonly keys: SessionKeys;
  readonly runtime: Runtime;
  readonly backend: Backend;
  readonly session: string;
  readonly client: string;
  readonly period: number;
}

/**
 * Workers that were born and that the provider does not know, though they did not say that they are gone. Each is buried once:
 * one that goes on under a new name after that lives where this provider can't see it. true: somebody was.
 */
export async function buryUnlisted(
  { facts, keys, backend, session, client, runtime, period }: UnlistedOptions,
  seats: readonly Seat[],
  signal: AbortSignal,
): Promise<boolean> {
  let missing = seats;
  for (let looks = 1; looks < mostMissed && missing.length > 0; looks++) {
    await runtime.sleep(period, signal);
    if (signal.aborted) return false;
    const statuses = await persistently(runtime, signal, () => backend.list(session, { signal }));
    missing = missing.filter((seat) => !isAmong(statuses, seat));
  }
  for (const seat of missing) if (!signal.aborted) await bury(facts, keys, seat, undefined, client);
  return missing.length > 0;
}
