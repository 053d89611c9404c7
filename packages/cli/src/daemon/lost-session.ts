import type { StateStore } from "@skyburst/core";
import { facts as factsOf, sessionKeys, systemRuntime } from "@skyburst/core/protocol";
import { CliError } from "../errors.ts";

/** Most time between two looks, in milliseconds. */
const longestInterval = 30_000;

/**
 * Rejects when the session is not in its store any more: somebody deleted all of it, and no ledger says that it was removed.
 * What can't be asked is asked again.
 */
export function lostSession(store: StateStore, id: string): Promise<never> {
  const facts = factsOf(store, systemRuntime);
  const first = sessionKeys(id).manifest(0);
  return new Promise((_, reject) => {
    const look = async () => {
      const there = await facts.get(first);
      if (!there)
        reject(new CliError("usage", `the store lost session ${id}: somebody deleted it, or all of the store.`));
      return there !== undefined;
    };
    const later = () =>
      void setTimeout(
        () => void look().then((there) => there && later(), later),
        Math.min(store.pace.ttl / 4, longestInterval),
      ).unref();
    later();
  });
}
