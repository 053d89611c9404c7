import type { WorkerExit } from "../../../backend.ts";
import { listAll } from "../../../protocol/facts.ts";
import type { Facts } from "../../../protocol/facts.ts";
import { parseBorn } from "../../../protocol/keys.ts";
import type { SessionKeys } from "../../../protocol/keys.ts";
import { jsonBody, parseJson } from "../../../protocol/lines.ts";

/** A worker process: the slot of a launch. */
export interface Seat {
  readonly launch: number;
  readonly slot: number;
}

/** Why a worker is no more, as `gone` says it. */
type Cause = "crash" | "oom" | "spot" | "stopped" | "lost" | "done";

function causeOf(exit: WorkerExit | undefined): Cause {
  const { reason = "lost" } = exit ?? {};
  return reason === "error" ? "crash" : reason;
}

/** Declares every life of an ended process gone, so that its leases are free at once. Returns how many lives it had. */
export async function bury(
  facts: Facts,
  keys: SessionKeys,
  { launch, slot }: Seat,
  exit: WorkerExit | undefined,
  by: string,
): Promise<number> {
  const body = jsonBody({ v: 1, reason: causeOf(exit), code: exit?.code ?? exit?.signal ?? null, by });
  let lives = 0;
  for (const key of await birthsOf(facts, keys, { launch, slot })) {
    lives++;
    const bytes = await facts.get(key);
    if (!bytes) continue;
    const { incarnation } = parseJson(bytes) as { readonly incarnation: string };
    await facts.create(keys.gone(incarnation), body);
  }
  return lives;
}

/** Its lives stand side by side, behind those of the slot before. */
async function birthsOf(facts: Facts, keys: SessionKeys, { launch, slot }: Seat): Promise<string[]> {
  const prefix = keys.births;
  const first = keys.born(launch, slot, 0).slice(0, -1);
  const keysOfSeat: string[] = [];
  for await (const { entries } of facts.list(prefix, { after: first })) {
    for (const { key } of entries) {
      if (!key.startsWith(first)) return keysOfSeat;
      keysOfSeat.push(key);
    }
  }
  return keysOfSeat;
}

/** What a process that ended well gave as its last reason, as `idle`; undefined: it said nothing. One page and a read. */
export async function lastReason(facts: Facts, keys: SessionKeys, { launch, slot }: Seat): Promise<string | undefined> {
  const prefix = `${keys.gones}${launch}.${slot}.`;
  let last: string | undefined;
  let life = -1;
  for await (const { entries } of facts.list(keys.gones, { after: prefix })) {
    for (const { key } of entries) {
      if (!key.startsWith(prefix)) return reasonIn(facts, last);
      const k = Number.parseInt(key.slice(prefix.length), 10);
      if (k >= life) [life, last] = [k, key];
    }
  }
  return reasonIn(facts, last);
}

async function reasonIn(facts: Facts, key: string | undefined): Promise<string | undefined> {
  const bytes = key === undefined ? undefined : await facts.get(key);
  return bytes && (parseJson(bytes) as { readonly reason?: string }).reason;
}

/** Who was born in the session and who is gone, as far as the names of both tell. Two listings. */
export async function readLives(
  facts: Facts,
  keys: SessionKeys,
): Promise<{ readonly living: readonly Seat[]; readonly born: readonly Seat[]; readonly gone: number }> {
  const [births, gones] = await Promise.all([listAll(facts, keys.births), listAll(facts, keys.gones)]);
  const gone = new Set(gones.entries.map(({ key }) => lifeOf(key.slice(keys.gones.length))));
  const newest = new Map<string, Seat & { readonly k: number }>();
  for (const { key } of births.entries) {
    const { n, j, k } = parseBorn(key.slice(keys.births.length));
    const known = newest.get(`${n}.${j}`);
    if (!known || known.k < k) newest.set(`${n}.${j}`, { launch: n, slot: j, k });
  }
  const born = [...newest.values()];
  const living = born.filter(({ launch, slot, k }) => !gone.has(`${launch}.${slot}.${k}`));
  return { living, born, gone: gone.size };
}

/** An incarnation without what is random in it. */
function lifeOf(incarnation: string): string {
  return incarnation.split(".", 3).join(".");
}
