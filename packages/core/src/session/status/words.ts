import { listAll } from "../../protocol/facts.ts";
import type { Facts, Usage } from "../../protocol/facts.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import { parseJson } from "../../protocol/lines.ts";
import type { Work } from "../../protocol/work.ts";

/** What a process said of itself, all its lives together. */
export interface ProcessWords {
  /** `<n>.<j>` of a worker process, or the id of a client. */
  readonly process: string;
  /** The newest that it told; undefined: nothing. */
  readonly usage?: Usage | undefined;
  readonly work?: Work | undefined;
  /** When it told them, on the store's clock; `last`: in its last word. */
  readonly told?: number | undefined;
  readonly last?: boolean | undefined;
  /** Why its last life ended. */
  readonly reason?: string | undefined;
}

/** Reads at a time. */
const sideBySide = 32;

/**
 * Of every process of the session, other than this client, what it last said: a worker in its last word, or in a hint. Three listings,
 * and a read or two for each process.
 */
export async function readWords(
  facts: Facts,
  keys: SessionKeys,
  client: string | undefined,
): Promise<readonly ProcessWords[]> {
  const all = [...(await namesOf(facts, keys, client))];
  const words: ProcessWords[] = [];
  for (let at = 0; at < all.length; at += sideBySide)
    words.push(...(await Promise.all(all.slice(at, at + sideBySide).map(([process, names]) => read(process, names)))));
  return words;

  /** What a process tells is the sum over its lives: the newest that tells is enough. */
  async function read(process: string, names: readonly Name[]): Promise<ProcessWords> {
    let reason: string | undefined;
    for (const [n, { key, modified }] of names.entries()) {
      const bytes = await facts.get(key);
      const word = bytes ? (parseJson(bytes) as { usage?: Usage; work?: Work; reason?: string }) : {};
      if (n === 0) reason = word.reason;
      if (word.usage)
        return {
          process,
          usage: word.usage,
          work: word.work,
          told: modified,
          last: n === 0 && reason !== undefined,
          reason,
        };
    }
    return { process, reason };
  }
}

interface Name {
  readonly key: string;
  readonly life: number;
  readonly modified: number;
}

/** For each process where it may have said something, the newest first. */
async function namesOf(
  facts: Facts,
  keys: SessionKeys,
  client: string | undefined,
): Promise<ReadonlyMap<string, readonly Name[]>> {
  const names = new Map<string, Name[]>();
  for (const { key } of (await listAll(facts, keys.births)).entries) {
    const [n, j] = key.slice(keys.births.length).split(".").map(Number);
    names.set(`${n}.${j}`, []);
  }
  for (const prefix of [keys.gones, keys.workers]) {
    for (const { key, modified } of (await listAll(facts, prefix)).entries) {
      const id = key.slice(prefix.length);
      if (id === client) continue;
      const [n, j, life] = id.split(".");
      const process = id.startsWith("client.") ? id : `${n}.${j}`;
      names.set(process, [...(names.get(process) ?? []), { key, life: Number(life), modified }]);
    }
  }
  // Stable: of one life the last word comes before the hint.
  for (const found of names.values()) found.sort((a, b) => b.life - a.life);
  return names;
}
