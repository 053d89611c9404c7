import { randomText, systemRuntime, type Runtime } from "./runtime.ts";
import type { Entry, Page, StateStore } from "./store.ts";

/** What the test asks of a store. */
export type TestedStore = Pick<StateStore, "create" | "get" | "list" | "delete">;

export interface SelfTestOptions {
  /** Tests although the store has a mark of an earlier test that it passed. Default false. */
  readonly again?: boolean | undefined;
  /** Time and chance. Default: the system's. */
  readonly runtime?: Runtime | undefined;
}

/** One thing that the protocol rests on. */
export interface SelfTestCheck {
  /** As `create: of many at once, exactly one is first`. */
  readonly name: string;
  /** What was found instead, as a clause; `undefined`: it holds. */
  readonly fault?: string | undefined;
}

/**
 * Tries whether a service keeps the contract of a store: services exist that answer a conditional create with success and
 * overwrite. Takes about 200 small requests. A store that passes is marked by the object `selftest/1`, and later calls
 * look only for that mark and return `[]`; nothing else is left behind.
 *
 * @returns every check, in order, with what failed; the store is fit if none has a fault.
 * @throws what the store throws when it can't be asked.
 */
export async function selfTest(
  store: TestedStore,
  { again = false, runtime = systemRuntime }: SelfTestOptions = {},
): Promise<readonly SelfTestCheck[]> {
  // A server that is no store at all may have an answer for every path.
  if (!again && read(await store.get(MARK)) === PASSED) return [];
  const place = `selftest/try/${randomText(runtime, 12)}/`;
  const made = new Set<string>();
  const trial: Trial = {
    store,
    place,
    create(name, body, exclusive) {
      made.add(place + name);
      return store.create(place + name, text(body), { exclusive });
    },
  };
  const checks: SelfTestCheck[] = [];
  try {
    for (const [name, check] of CHECKS) checks.push({ name, fault: await check(trial) });
  } finally {
    await store.delete([...made]);
  }
  if (checks.every(({ fault }) => fault === undefined)) await store.create(MARK, text(PASSED));
  return checks;
}

interface Trial {
  readonly store: TestedStore;
  /** A prefix of this test's own. */
  readonly place: string;
  create(name: string, body: string, exclusive?: boolean): Promise<boolean>;
}

type Check = (trial: Trial) => Promise<string | undefined>;

async function oneWins({ store, place, create }: Trial): Promise<string | undefined> {
  for (let round = 0; round < ROUNDS; round++) {
    const name = `race/${round}`;
    const bodies = Array.from({ length: CROWD }, (_, n) => `writer ${n}`);
    // Nobody repeats anything, so that a store need not look what is there.
    const won = await Promise.all(bodies.map((body) => create(name, body, true)));
    const winners = bodies.filter((_, n) => won[n]);
    if (winners.length !== 1) return `of ${CROWD} creates of one key at the same time, ${winners.length} were first`;
    const found = read(await store.get(place + name));
    if (found !== winners[0]) return `the create by ${winners[0]} was first, and ${found ?? "nothing"} was there`;
  }
  return undefined;
}

async function bytesDecide({ store, place, create }: Trial): Promise<string | undefined> {
  if (!(await create("bytes", "one"))) return "the first create of a key was not true";
  if (!(await create("bytes", "one"))) return "a create of the bytes that are there was not true";
  if (await create("bytes", "two")) return "a create over other bytes was true";
  const found = read(await store.get(`${place}bytes`));
  return found === "one" ? undefined : `a create that was refused left ${found ?? "nothing"} instead of what was there`;
}

async function listedAtOnce({ store, place, create }: Trial): Promise<string | undefined> {
  for (let round = 0; round < ROUNDS; round++) {
    const name = `seen/${round}/a`;
    await create(name, "12345");
    const [entry] = await listed(store, `${place}seen/${round}/`);
    if (entry?.key !== place + name) return "an object was not in the listing right after it was created";
    if (entry.size !== 5) return `an object of 5 bytes was listed with ${entry.size}`;
  }
  return undefined;
}

async function inOrder({ store, place, create }: Trial): Promise<string | undefined> {
  const prefix = `${place}order/`;
  const names = ["00", "0-1", "0.1", "0/1", "1", "10", "2", "a", "b/c"];
  const expected = names.map((name) => prefix + name).sort();
  await Promise.all(names.toReversed().map((name) => create(`order/${name}`, "")));
  const found = (await listed(store, prefix)).map(({ key }) => key);
  if (found.join() !== expected.join())
    return `keys were listed as ${found.join(" ")} instead of ${expected.join(" ")}`;
  for (const [n, after] of expected.entries()) {
    const rest = (await listed(store, prefix, after)).map(({ key }) => key);
    if (rest.join() !== expected.slice(n + 1).join())
      return `a listing after ${after} began with ${rest[0] ?? "nothing"}`;
  }
  return undefined;
}

async function oneClock({ store, place, create }: Trial): Promise<string | undefined> {
  await create("clock", "");
  for await (const { now, entries } of store.list(place)) {
    const entry = entries.find(({ key }) => key === `${place}clock`);
    if (entry === undefined) continue;
    const age = now - entry.modified;
    if (age >= -CLOCK && age <= CLOCK) return undefined;
    return `an object just written was ${Math.round(age / 1000)} s old by the clock of the listing`;
  }
  return "an object just written was not in the listing";
}

async function deleted({ store, place, create }: Trial): Promise<string | undefined> {
  await create("gone/a", "x");
  await store.delete([`${place}gone/a`, `${place}gone/b`]);
  if ((await store.get(`${place}gone/a`)) !== undefined) return "an object was there after it was deleted";
  if ((await listed(store, `${place}gone/`)).length > 0) return "an object was listed after it was deleted";
  return (await create("gone/a", "y", true)) ? undefined : "the key of a deleted object could not be created again";
}

async function listed(store: TestedStore, prefix: string, after?: string): Promise<Entry[]> {
  const pages: Page[] = [];
  for await (const page of store.list(prefix, { after })) pages.push(page);
  return pages.flatMap(({ entries }) => entries);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function read(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["create: of many at once, exactly one is first", oneWins],
  ["create: the same bytes are welcome again, others are not", bytesDecide],
  ["list: shows an object as soon as it is created", listedAtOnce],
  ["list: goes by the bytes of keys, from any key on", inOrder],
  ["list: tells times on one clock", oneClock],
  ["delete: takes an object away, and frees its key", deleted],
];

/** Changes with what is tested. */
const MARK = "selftest/1";
const PASSED = "passed\n";
/** Creates at a time, and how often: services that check first and write later let several win in most rounds. */
const CROWD = 32;
const ROUNDS = 4;
/** Milliseconds that an object may be old or young just after it was written: leases live for 60 s on such a service. */
const CLOCK = 30_000;
