import type { Facts } from "../../protocol/facts.ts";
import { indexKey } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import { removedKey } from "./removed-mark.ts";

/** Objects, and their size. */
export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

export interface DeleteOptions {
  /** Deletes nothing, and only counts. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Deletes all of a session but its ledger, which says what it was. Pass after pass, until one finds nothing. */
export async function deleteObjects(facts: Facts, keys: SessionKeys, options: DeleteOptions = {}): Promise<Amount> {
  const { dryRun = false, signal } = options;
  const total = { objects: 0, bytes: 0 };
  for (;;) {
    let found = 0;
    for await (const { entries } of facts.list(keys.root)) {
      const gone = entries.filter(({ key }) => !key.startsWith(keys.manifests));
      if (gone.length > 0 && !dryRun) await facts.delete(gone.map(({ key }) => key));
      found += gone.length;
      total.objects += gone.length;
      total.bytes += gone.reduce((sum, { size }) => sum + size, 0);
      if (signal?.aborted) return total;
    }
    if (found === 0 || dryRun) return total;
  }
}

/** Deletes what is left of a session: its newest entry last, and then what says that there was one. */
export async function deleteLedger(
  facts: Facts,
  keys: SessionKeys,
  session: string,
  { dryRun = false }: DeleteOptions = {},
): Promise<Amount> {
  const total = { objects: 0, bytes: 0 };
  for await (const { entries } of facts.list(keys.manifests)) {
    for (const { key, size } of entries) {
      if (!dryRun) await facts.delete([key]);
      total.objects++;
      total.bytes += size;
    }
  }
  if (!dryRun) for (const key of [indexKey(session), removedKey(session)]) await facts.delete([key]);
  return total;
}
