import { listAll } from "../protocol/facts.ts";
import type { Facts } from "../protocol/facts.ts";
import { parseBorn } from "../protocol/keys.ts";
import type { SessionKeys } from "../protocol/keys.ts";
import { parseJson } from "../protocol/lines.ts";
import type { Entry } from "../store.ts";

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

export interface PresentWorker {
  /** Its newest word: its birth, or a hint. What it leases and commits says as much, and not of whom it is. */
  readonly heard: number;
}

/** From the birth of a worker process to its end. */
export interface WorkerLife {
  readonly born: number;
  /** undefined: it is not gone. */
  readonly gone: number | undefined;
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

/** How long a supervisor that says nothing is taken for alive, in milliseconds. */
export function supervisorLease(ttl: number): number {
  return Math.min(ttl / 2, 30_000);
}

function ages(entries: readonly Entry[], prefix: string): ReadonlyMap<string, number> {
  return new Map(entries.map(({ key, modified }) => [key.slice(prefix.length), modified]));
}

/** By process: its lives follow each other, and the newest tells whether it is there. */
function livesOf(
  births: readonly Entry[],
  keys: SessionKeys,
  gones: ReadonlyMap<string, number>,
  hints: ReadonlyMap<string, number>,
): (WorkerLife & PresentWorker)[] {
  const goneAt = byLife(gones);
  const heardAt = byLife(hints);
  const processes = new Map<string, WorkerLife & PresentWorker>();
  for (const { key, modified } of births) {
    const { n, j, k } = parseBorn(key.slice(keys.births.length));
    const before = processes.get(`${n}.${j}`);
    processes.set(`${n}.${j}`, {
      born: before?.born ?? modified,
      gone: goneAt.get(`${n}.${j}.${k}`),
      heard: Math.max(modified, heardAt.get(`${n}.${j}.${k}`) ?? 0),
    });
  }
  return [...processes.values()];
}

/** An incarnation is `<n>.<j>.<k>` and a random part; of others nothing is asked. */
function byLife(ages: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const lives = new Map<string, number>();
  for (const [id, modified] of ages) {
    const [n, j, k] = id.split(".").map(Number);
    if (n !== undefined && !Number.isNaN(n)) lives.set(`${n}.${j}.${k}`, modified);
  }
  return lives;
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
  const alive = !gones.has(owner) && now - heard <= supervisorLease(ttl);
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
