import type { JsonObject, StorePace } from "@skyburst/core";
import { refused } from "./option-values.ts";

/**
 * What a request costs in time and money sets the rhythm, and the service's limit: 3,500 writes a second on the keys
 * below one prefix, and 5,500 reads. 1,000 workers of one slot write a commit per 20 s each, a claim per 20 s of work or more and a
 * heartbeat only in silence: 67 + 50 a second, 3 % of it; at the start, all claim at once, 4 chunks each: 4,000 creates
 * over the seconds in which workers come up. So keys are not hashed, which would spread that load over prefixes and take
 * ordered listings away.
 */
export const PACE: StorePace = { ttl: 60_000, commitInterval: 20_000, poll: [1000, 30_000], chunksPerSlot: 8 };

/** What differs from it. */
export function paceOf(value: unknown): (Partial<StorePace> & JsonObject) | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) throw refused("pace", value, "give an object");
  const own: { [name: string]: number | readonly [number, number] } = {};
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined) continue;
    if (name === "poll" && isRange(given)) own[name] = given;
    else if ((name === "ttl" || name === "commitInterval" || name === "chunksPerSlot") && isPositive(given))
      own[name] = given;
    else throw refused(`pace.${name}`, given, "give ttl, commitInterval and poll in milliseconds, or chunksPerSlot");
  }
  if (typeof own.ttl === "number" && own.ttl < 1000) throw refused("pace.ttl", own.ttl, "give at least 1,000 ms");
  return own;
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isRange(value: unknown): value is readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [shortest, longest] = value as readonly unknown[];
  return isPositive(shortest) && isPositive(longest) && shortest <= longest;
}
