import { expect, test } from "vitest";
import { selfTest, type TestedStore } from "./self-test.ts";
import type { Entry } from "./store.ts";

interface Held {
  readonly body: Uint8Array;
  readonly modified: number;
}

/** A store in memory that keeps the contract, answering a moment later as a service does. */
class Memory implements TestedStore {
  readonly objects = new Map<string, Held>();
  calls = 0;

  async create(key: string, body: Uint8Array): Promise<boolean> {
    await this.asked();
    const there = this.objects.get(key);
    if (there === undefined) this.write(key, body);
    return there === undefined || Buffer.compare(there.body, body) === 0;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.asked();
    return this.objects.get(key)?.body;
  }

  async *list(prefix: string, { after = "" } = {}) {
    await this.asked();
    yield { now: Date.now(), entries: this.entries(prefix, after) };
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.asked();
    for (const key of keys) this.objects.delete(key);
  }

  entries(prefix: string, after: string): Entry[] {
    return [...this.objects]
      .map(([key, { body, modified }]) => ({ key, size: body.length, modified }))
      .filter(({ key }) => key.startsWith(prefix) && key > after)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  write(key: string, body: Uint8Array): void {
    this.objects.set(key, { body, modified: Date.now() });
  }

  async asked(): Promise<void> {
    this.calls++;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const faults = async (store: TestedStore) => (await selfTest(store)).flatMap(({ fault }) => fault ?? []);

test("a store that keeps the contract passes, is marked, and is left as it was", async () => {
  const store = new Memory();
  const checks = await selfTest(store);
  expect(checks.map(({ fault }) => fault)).toEqual(checks.map(() => undefined));
  expect(checks.length).toBeGreaterThan(5);
  expect([...store.objects.keys()]).toEqual(["selftest/1"]);
});

test("a store with the mark is not tested again, unless that is wished", async () => {
  const store = new Memory();
  await selfTest(store);
  store.calls = 0;
  expect(await selfTest(store)).toEqual([]);
  expect(store.calls).toBe(1);
  expect((await selfTest(store, { again: true })).length).toBeGreaterThan(5);
});

const BROKEN: readonly (readonly [what: string, break_: (store: Memory) => void, said: RegExp])[] = [
  [
    "takes no notice of the condition",
    (store) => {
      store.create = async (key, body) => {
        await store.asked();
        store.write(key, body);
        return true;
      };
    },
    /of 32 creates of one key at the same time, 32 were first/,
  ],
  [
    "looks first and writes later",
    (store) => {
      store.create = async (key, body) => {
        const there = await store.get(key);
        await store.asked();
        if (there === undefined) store.write(key, body);
        return there === undefined;
      };
    },
    /creates of one key at the same time, \d+ were first/,
  ],
  [
    "tells nobody that it was first",
    (store) => {
      const create = store.create.bind(store);
      store.create = async (key, body) => (await create(key, body)) && !key.includes("/race/");
    },
    /0 were first/,
  ],
  [
    "says false to who comes again with the same bytes",
    (store) => {
      store.create = async (key, body) => {
        await store.asked();
        if (store.objects.has(key)) return false;
        store.write(key, body);
        return true;
      };
    },
    /a create of the bytes that are there was not true/,
  ],
  [
    "lists an object only later",
    (store) => {
      const entries = store.entries.bind(store);
      let looks = 0;
      store.entries = (prefix, after) => (looks++ === 0 ? [] : entries(prefix, after));
    },
    /was not in the listing right after it was created/,
  ],
  [
    "lists in order of names, part by part",
    (store) => {
      const entries = store.entries.bind(store);
      const parts = (key: string) => key.replaceAll("/", "\u0000");
      store.entries = (prefix, after) => entries(prefix, after).sort((a, b) => (parts(a.key) < parts(b.key) ? -1 : 1));
    },
    /keys were listed as/,
  ],
  [
    "takes `after` for one that is included",
    (store) => {
      const entries = store.entries.bind(store);
      store.entries = (prefix, after) => entries(prefix, "").filter(({ key }) => key >= after);
    },
    /a listing after .* began with/,
  ],
  [
    "tells seconds for milliseconds",
    (store) => {
      const entries = store.entries.bind(store);
      store.entries = (prefix, after) =>
        entries(prefix, after).map((entry) => ({ ...entry, modified: entry.modified / 1000 }));
    },
    /s old by the clock of the listing/,
  ],
  [
    "still has what was deleted",
    (store) => {
      const objects = store.objects;
      store.get = async (key) => objects.get(key)?.body ?? (key.endsWith("gone/a") ? new Uint8Array(1) : undefined);
    },
    /was there after it was deleted/,
  ],
  [
    "keeps the key of a deleted object taken",
    (store) => {
      const create = store.create.bind(store);
      const used = new Set<string>();
      store.create = async (key, body) => {
        if (used.has(key) && !store.objects.has(key)) return false;
        used.add(key);
        return create(key, body);
      };
    },
    /the key of a deleted object could not be created again/,
  ],
  [
    "has an answer for every path",
    (store) => (store.get = async () => new Uint8Array(3)),
    /was first, and .* was there/,
  ],
];

test.each(BROKEN)("a store that %s is found out, and not marked", async (_, spoil, said) => {
  const store = new Memory();
  spoil(store);
  expect((await faults(store)).join("; ")).toMatch(said);
  expect(store.objects.has("selftest/1")).toBe(false);
  expect([...store.objects.keys()]).toEqual([]);
});

test("a store that can't be asked is neither fit nor unfit", async () => {
  const store = new Memory();
  store.create = async () => {
    throw new Error("no answer");
  };
  await expect(selfTest(store)).rejects.toThrow("no answer");
});
