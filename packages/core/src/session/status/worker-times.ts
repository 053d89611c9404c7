import type { WorkerExit } from "../../backend.ts";
import { listAll } from "../../protocol/facts.ts";
import type { Facts } from "../../protocol/facts.ts";
import { parseBorn } from "../../protocol/keys.ts";
import type { SessionKeys } from "../../protocol/keys.ts";
import { parseJson } from "../../protocol/lines.ts";
import type { WorkerLife } from "./worker-lives.ts";

/** How a worker process ended, as its provider tells and bills it. */
export interface ExitFact {
  readonly id: string;
  readonly reason: WorkerExit["reason"];
  readonly memory?: number | null;
  /** Milliseconds since the epoch, on the provider's clock. */
  readonly startedAt?: number | null;
  readonly stoppedAt?: number | null;
  /** Who told; of a process that another one's fact tells of, it is that fact's. */
  readonly by?: string;
  /** Others of the same launch of which was heard at the same time. */
  readonly more?: readonly (ExitFact & { readonly slot: number })[];
}

/** From when to when a worker process is billed, as far as anybody told. */
export interface WorkerTime {
  readonly launch: number;
  readonly slot: number;
  readonly from: number;
  /** undefined: it has not ended. */
  readonly to: number | undefined;
  readonly exit?: ExitFact | undefined;
}

/**
 * Of processes, named `<n>.<j>`, each as the fact tells that is its own, if there is one; what is known already is not read again. One
 * LIST, and a GET for each fact that is new, which may tell of many.
 */
export async function readExits(
  facts: Facts,
  keys: SessionKeys,
  known: ReadonlyMap<string, ExitFact> = new Map(),
): Promise<Map<string, ExitFact>> {
  const exits = new Map(known);
  const others = new Map<string, ExitFact>();
  const { entries } = await listAll(facts, keys.exits);
  const names = entries.map(({ key }) => parseBorn(`${key.slice(keys.exits.length)}.0`));
  const unread = names.filter(({ n, j }) => exits.get(`${n}.${j}`)?.by === undefined);
  for (let at = 0; at < unread.length; at += readsAtATime)
    await Promise.all(
      unread.slice(at, at + readsAtATime).map(async ({ n, j }) => {
        const bytes = await facts.get(keys.exit(n, j));
        if (!bytes) return;
        const fact = parseJson(bytes) as ExitFact;
        exits.set(`${n}.${j}`, fact);
        for (const one of fact.more ?? []) others.set(`${n}.${one.slot}`, one);
      }),
    );
  for (const [name, one] of others) if (!exits.has(name)) exits.set(name, one);
  return exits;
}

const readsAtATime = 32;

/** The provider's own times count where it told them, on its own clock; else those of what the worker wrote. */
export function workerTimes(lives: readonly WorkerLife[], exits: ReadonlyMap<string, ExitFact>): WorkerTime[] {
  const unborn = new Map(exits);
  const times = lives.map(({ launch, slot, born, gone }): WorkerTime => {
    const exit = exits.get(`${launch}.${slot}`);
    unborn.delete(`${launch}.${slot}`);
    if (!exit) return { launch, slot, from: born, to: gone };
    const to = exit.stoppedAt ?? gone ?? born;
    return { launch, slot, from: Math.min(exit.startedAt ?? born, to), to, exit };
  });
  for (const [name, exit] of unborn) {
    const [launch = 0, slot = 0] = name.split(".").map(Number);
    const { startedAt, stoppedAt } = exit;
    // Of what never started there is nothing to be billed.
    if (typeof startedAt !== "number") continue;
    times.push({ launch, slot, from: startedAt, to: Math.max(startedAt, stoppedAt ?? startedAt), exit });
  }
  return times;
}

/** Milliseconds that are billed of it. */
export function billedTime({ from, to }: WorkerTime, now: number, minimum: number): number {
  return Math.max((to ?? now) - from, minimum);
}
