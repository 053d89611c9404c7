import { setImmediate } from "node:timers/promises";
import type { JsonObject, Page, StateStore } from "@skyburst/core";
import { StoreError } from "@skyburst/core";
import type { StoreFacts } from "../src/index.ts";
import { bytewise, clock, memory, objectsAt } from "./memory-store.ts";

/** What is wrong with a store: members in place of those of a right one. */
export type Fault = (right: StateStore, place: string) => Partial<StateStore>;

export interface BrokenStore {
  readonly fault: Fault;
  /** The tests that say so, as `group: test`. */
  readonly fails: readonly string[];
  /** What the fault needs to show. */
  readonly facts?: StoreFacts;
}

export function broken(place: string, fault: Fault): StateStore {
  const right = memory(place);
  return {
    reference: right.reference,
    pace: right.pace,
    create: (...given) => right.create(...given),
    get: (...given) => right.get(...given),
    list: (...given) => right.list(...given),
    put: (...given) => right.put(...given),
    delete: (...given) => right.delete(...given),
    now: () => right.now(),
    close: async () => right.close?.(),
    ...fault(right, place),
  };
}

export function reopened(fault: Fault): (options: JsonObject) => StateStore {
  return ({ place, ...others }) => {
    if (Object.keys(others).length > 0) throw new StoreError("option", "only `place`");
    return broken(typeof place === "string" ? place.replace(/\?.*/, "") : "", fault);
  };
}

export const BROKEN: Readonly<Record<string, BrokenStore>> = {
  "create that overwrites": {
    fault: (right) => ({
      async create(key, body, options) {
        const created = await right.create(key, body, options);
        if (!created) await right.put(key, body);
        return created;
      },
    }),
    fails: [
      "create: leaves what is there",
      "create: of many at once with different bytes, exactly one is true, and its bytes are there",
    ],
  },
  "create that says true to the loser": {
    fault: (right) => ({
      async create(key, body, options) {
        await right.create(key, body, options);
        return true;
      },
    }),
    fails: [
      "create: is false for other bytes",
      "create: takes an empty body like any other",
      "create: under `exclusive` is true for a new key and false for other bytes",
      "create: keeps every byte, of small and of large bodies",
      "create: of many at once with different bytes, exactly one is true, and its bytes are there",
      "the reference: opens the same store again",
    ],
  },
  "create that looks first and then writes": {
    fault: (right) => ({
      async create(key, body, options) {
        const copy = body.slice();
        const there = await right.get(key, options);
        if (there !== undefined) return Buffer.compare(there, copy) === 0;
        await right.put(key, copy, options);
        return true;
      },
    }),
    fails: ["create: of many at once with different bytes, exactly one is true, and its bytes are there"],
  },
  "create that says false to the same bytes": {
    fault: (right) => ({
      async create(key, body, options) {
        const copy = body.slice();
        if ((await right.get(key, options)) !== undefined) return false;
        return await right.create(key, copy, options);
      },
    }),
    fails: [
      "create: is true for the same bytes again, from anybody",
      "create: takes an empty body like any other",
      "create: keeps every byte, of small and of large bodies",
    ],
  },
  "create that takes bodies for the same that have one length": {
    fault: (right) => ({
      async create(key, body, options) {
        if (await right.create(key, body, options)) return true;
        return (await right.get(key))?.length === body.length && body.length > 1000;
      },
    }),
    fails: ["create: keeps every byte, of small and of large bodies"],
  },
  "create that writes in two steps": {
    fault: (right) => ({
      async create(key, body, options) {
        if (body.length < 500_000 || (await right.get(key)) !== undefined)
          return await right.create(key, body, options);
        await right.put(key, body.slice(0, 100));
        await setImmediate();
        await setImmediate();
        await right.delete([key]);
        return await right.create(key, body, options);
      },
    }),
    fails: ["create: shows an object whole or not at all"],
  },
  "create that reads the body only later": {
    fault: (right) => ({
      async create(key, body, options) {
        await setImmediate();
        return await right.create(key, body, options);
      },
    }),
    fails: ["create: writes the part of a buffer that it is given, as it is at the call"],
  },
  "create that writes the whole buffer around the body": {
    fault: (right) => ({
      create: (key, body, options) => right.create(key, new Uint8Array(body.buffer), options),
    }),
    fails: ["create: writes the part of a buffer that it is given, as it is at the call"],
  },
  "get that shares memory": {
    fault: (right) => {
      const shared = new Map<string, Uint8Array>();
      return {
        async get(key, options) {
          const bytes = await right.get(key, options);
          const before = shared.get(key);
          if (bytes === undefined || bytes.length > 10) return bytes;
          if (before?.length === bytes.length) return before;
          shared.set(key, bytes);
          return bytes;
        },
      };
    },
    fails: ["get: gives bytes that belong to the caller", "get: gives two callers memory of their own"],
  },
  "get that answers with all of the memory it was given": {
    fault: (right) => ({
      async get(key, options) {
        const bytes = await right.get(key, options);
        const memory = bytes && options?.into?.(bytes.length);
        if (bytes === undefined || memory === undefined) return bytes;
        memory.set(bytes);
        return memory;
      },
    }),
    fails: ["get: answers in the memory that `into` gives, or in its own, with the object alone"],
  },
  "get that takes a directory for an empty object": {
    fault: (right, place) => ({
      async get(key, options) {
        const bytes = await right.get(key, options);
        const isPath = [...objectsAt(place).keys()].some((other) => other.startsWith(`${key}/`));
        return bytes ?? (isPath ? new Uint8Array() : undefined);
      },
    }),
    fails: ["get: is undefined for what is not there"],
  },
  "keys without case": {
    fault: (right) => ({
      create: (key, body, options) => right.create(lower(key), body, options),
      get: (key, options) => right.get(lower(key), options),
    }),
    fails: ["keys: that differ in one character are different"],
  },
  "keys that may be anything": {
    fault: (right, place) => ({
      async create(key, body, options) {
        if (!key.startsWith("/")) return await right.create(key, body, options);
        objectsAt(place).set(key, { body, modified: clock() });
        return true;
      },
    }),
    fails: ["keys: that can't be are refused: a slash first"],
  },
  "list that is not in order": {
    fault: (right) => ({
      async *list(prefix, options) {
        for await (const { now, entries } of right.list(prefix, options)) yield { now, entries: entries.toReversed() };
      },
    }),
    fails: [
      "the order of a listing: is that of the bytes of whole keys",
      "the order of a listing: is kept by any keys",
      "the order of a listing: `after` may lie outside of the prefix",
    ],
  },
  "list in the order of names": {
    fault: (right) => ({
      async *list(prefix, options) {
        for await (const { now, entries } of right.list(prefix, options)) {
          // What readdir and a sort give, level by level.
          const sorted = entries.toSorted((a, b) => bytewise(a.key.replaceAll("/", "\0"), b.key.replaceAll("/", "\0")));
          yield { now, entries: sorted };
        }
      },
    }),
    fails: [
      "the order of a listing: is that of the bytes of whole keys",
      "the order of a listing: is kept by any keys",
    ],
  },
  "list in the order of UTF-16": {
    fault: (right) => ({
      async *list(prefix, options) {
        for await (const { now, entries } of right.list(prefix, options)) {
          yield { now, entries: entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
        }
      },
    }),
    fails: [
      "the order of a listing: is that of the bytes of whole keys",
      "the order of a listing: is kept by any keys",
    ],
  },
  "list that drops the 1,001st key": {
    fault: (right) => ({
      async *list(prefix, options) {
        let first = true;
        for await (const { now, entries } of right.list(prefix, options)) {
          yield { now, entries: first ? entries : entries.slice(1) };
          first = false;
        }
      },
    }),
    fails: [
      "the pages of a listing: leave out nothing and tell nothing twice",
      "the pages of a listing: go on when objects vanish between them",
      "the pages of a listing: need not be read to the end",
    ],
  },
  "list in one page": {
    fault: (right) => ({
      async *list(prefix, options) {
        const pages: Page[] = [];
        for await (const page of right.list(prefix, options)) pages.push(page);
        yield { now: clock(), entries: pages.flatMap(({ entries }) => entries) };
      },
    }),
    fails: [
      "the pages of a listing: are of at most 1,000 objects",
      "a signal: that is aborted between pages ends the listing",
    ],
  },
  "list with `after` inclusive": {
    fault: (right, place) => ({
      async *list(prefix, options) {
        const { after } = options ?? {};
        const kept = after?.startsWith(prefix) ? objectsAt(place).get(after) : undefined;
        let first = true;
        for await (const { now, entries } of right.list(prefix, options)) {
          const entry = kept && after !== undefined && first ? [{ key: after, size: 1, modified: kept.modified }] : [];
          yield { now, entries: [...entry, ...entries].slice(0, 1000) };
          first = false;
        }
      },
    }),
    fails: [
      "the order of a listing: `after` leaves out keys up to and including it",
      "the order of a listing: `after` may lie outside of the prefix",
      "the order of a listing: goes on behind the last key of a page, by `after`",
      "the pages of a listing: are one, empty and with the clock, when there is nothing",
      "the pages of a listing: end where the objects end, also at a thousand",
    ],
  },
  "list that takes `after` for an object that is there": {
    fault: (right, place) => ({
      list(prefix, options) {
        const { after } = options ?? {};
        const known = after !== undefined && (!after.startsWith(prefix) || objectsAt(place).has(after));
        return right.list(prefix, known ? options : { ...options, after: undefined });
      },
    }),
    fails: ["the order of a listing: `after` may be a key that is not there"],
  },
  "list of a prefix without its slash": {
    fault: (right) => ({
      list(prefix, options) {
        return right.list(prefix.endsWith("/") ? prefix : `${prefix}/`, options);
      },
    }),
    fails: ["list: refuses a prefix that does not end in a slash"],
  },
  "list that shows things late": {
    fault: (right) => ({
      async *list(prefix, options) {
        let late = true;
        for await (const { now, entries } of right.list(prefix, options)) {
          yield { now, entries: late && prefix.endsWith("now/") ? entries.slice(0, -1) : entries };
          late = false;
        }
      },
    }),
    fails: ["list: has in it what was created before, at once and for everybody"],
  },
  "list that decodes keys": {
    fault: (right) => ({
      async *list(prefix, options) {
        for await (const { now, entries } of right.list(prefix, options)) {
          yield { now, entries: entries.map((entry) => ({ ...entry, key: entry.key.replaceAll("%2F", "/") })) };
        }
      },
    }),
    fails: ["list: tells keys as they were written"],
  },
  "list without a page when there is nothing": {
    fault: (right) => ({
      async *list(prefix, options) {
        for await (const page of right.list(prefix, options)) if (page.entries.length > 0) yield page;
      },
    }),
    fails: [
      "the pages of a listing: are one, empty and with the clock, when there is nothing",
      "the clock: tells milliseconds since 1970",
      "the clock: is the same for all objects and for pages",
      "the clock: does not go back",
    ],
  },
  "sizes in characters": {
    fault: (right, place) => ({
      async *list(prefix, options) {
        for await (const { now, entries } of right.list(prefix, options)) {
          yield {
            now,
            entries: entries.map((entry) => {
              const { body } = objectsAt(place).get(entry.key) ?? {};
              return entry.size > 10 ? entry : { ...entry, size: new TextDecoder().decode(body).length };
            }),
          };
        }
      },
    }),
    fails: ["list: tells sizes in bytes"],
  },
  "times of this machine's clock": {
    fault: (right) => ({
      async *list(prefix, options) {
        for await (const page of right.list(prefix, options)) yield { ...page, now: Date.now() };
      },
      async now() {
        await right.now();
        return Date.now();
      },
    }),
    fails: ["the clock: is not the one of this machine"],
  },
  "clock in seconds": {
    fault: (right) => ({
      now: async () => Math.floor((await right.now()) / 1000),
    }),
    fails: [
      "the clock: tells milliseconds since 1970",
      "the clock: is the same for all objects and for pages",
      "the clock: does not go back",
      "the clock: is not the one of this machine",
      "put: is a new writing: its time moves on",
    ],
  },
  "clock that goes back": {
    fault: (right) => {
      let looks = 0;
      return {
        now: async () => {
          const now = await right.now();
          looks += 1;
          return looks > 5 && looks % 3 === 0 ? now - 5000 : now;
        },
      };
    },
    fails: ["the clock: does not go back"],
  },
  "clock that stands still": {
    fault: (right) => {
      let first: number | undefined;
      return { now: async () => (first ??= await right.now()) };
    },
    fails: ["the clock: goes on by itself", "put: is a new writing: its time moves on"],
  },
  "put that does not replace": {
    fault: (right) => ({
      async put(key, body, options) {
        await right.create(key, body, options);
      },
    }),
    fails: ["put: replaces what was there, whoever wrote it", "put: is a new writing: its time moves on"],
  },
  "put that keeps the time of the first": {
    fault: (right, place) => ({
      async put(key, body, options) {
        const before = objectsAt(place).get(key);
        await right.put(key, body, options);
        if (before) objectsAt(place).set(key, { ...before, body: body.slice() });
      },
    }),
    fails: ["put: is a new writing: its time moves on"],
  },
  "delete that throws on what is missing": {
    fault: (right, place) => ({
      async delete(keys, options) {
        const missing = keys.find((key) => !objectsAt(place).has(key));
        await right.delete(keys, options);
        if (missing !== undefined) throw new StoreError("not-found", missing);
      },
    }),
    fails: ["delete: takes it for success that a key is not there", "delete: does not disturb who creates beside it"],
  },
  "delete that takes a thousand": {
    fault: (right) => ({
      delete: (keys, options) => right.delete(keys.slice(0, 1000), options),
    }),
    fails: ["delete: takes more keys than a page has"],
  },
  "delete of everything that begins so": {
    fault: (right, place) => ({
      async delete(keys, options) {
        await right.delete(keys, options);
        const also = [...objectsAt(place).keys()].filter(
          (key) => keys.length < 5 && keys.some((it) => key.startsWith(it)),
        );
        await right.delete(also);
      },
    }),
    fails: ["delete: takes objects away, for everybody, and leaves the rest"],
  },
  "signals without effect": {
    fault: (right) => ({
      get: (key) => right.get(key),
    }),
    fails: ["a signal: that is aborted before a call stops it, and nothing happens"],
  },
  "create that is given up as if nothing had happened": {
    fault: (right) => ({
      async create(key, body, options) {
        const created = await right.create(key, body, options);
        await setImmediate();
        if (options?.signal?.aborted) throw new StoreError("closed", "given up");
        return created;
      },
    }),
    fails: ["a signal: that is aborted during a create leaves it unknown, or done"],
  },
  "get that says nothing when it is given up": {
    fault: (right) => ({
      async get(key, options) {
        const bytes = await right.get(key, options);
        await setImmediate();
        if (options?.signal?.aborted) throw new Error("aborted");
        return bytes;
      },
    }),
    fails: ["a signal: that is aborted during another call ends it, or comes too late"],
  },
  "close that is not idempotent": {
    fault: (right) => {
      let closed = false;
      return {
        async close() {
          if (closed) throw new StoreError("closed", "closed already");
          closed = true;
          await right.close?.();
        },
      };
    },
    fails: ["close: may be called again"],
  },
  "close that ends nothing": {
    fault: () => ({ close: async () => undefined }),
    fails: ["close: ends what this object does"],
  },
  "close that is there though it is said not to be": {
    fault: () => ({}),
    facts: { roles: [] },
    fails: ["roles: close is not there, as is stated"],
  },
  "a role that is stated and not there": {
    fault: () => ({}),
    facts: { roles: ["close", "rates"] },
    fails: [
      "roles: rates is there, as is stated",
      "roles: rates are prices of a unit, none below zero, and say whose they are",
    ],
  },
  "requests that are not counted": {
    fault: () => ({ requests: { create: 0, get: 0, list: 0, put: 0, delete: 0 } }),
    facts: { roles: ["close", "requests"] },
    fails: ["roles: requests counts what was sent, each under its kind"],
  },
  "rates per thousand, and of nobody": {
    fault: () => {
      const price = { amount: 0.005, currency: "USD", source: "" } as const;
      const request = { ...price, unit: "request" } as const;
      const requests = { create: request, get: request, list: request, put: request, delete: request };
      const transfer = { in: { ...price, unit: "GB" }, out: { ...price, unit: "GB" } } as const;
      return { rates: async () => ({ requests, storage: { ...price, unit: "GB-month" }, transfer }) };
    },
    facts: { roles: ["close", "rates"] },
    fails: ["roles: rates are prices of a unit, none below zero, and say whose they are"],
  },
  "a signed URL to another object": {
    fault: () => ({ signedUrl: async () => "data:text/plain,two" }),
    facts: { roles: ["close", "signedUrl"] },
    fails: ["roles: signedUrl gives one object to whoever has it"],
  },
  "close that empties the store": {
    fault: (right, place) => ({
      async close() {
        await right.close?.();
        objectsAt(place).clear();
      },
    }),
    fails: ["create: outlives the object that wrote it", "close: leaves other objects on the same place alone"],
  },
  "nesting that is said to be refused": {
    fault: () => ({}),
    facts: { nesting: "refused" },
    fails: ["keys: below or above another key are refused"],
  },
  "reference that holds a function": {
    fault: (right) => {
      const options = Object.assign(Object.create(null) as JsonObject, right.reference.options, { open: memory });
      return { reference: { ...right.reference, options: { ...options } } };
    },
    fails: ["the reference: is JSON"],
  },
  "reference that holds a secret": {
    fault: (right, place) => ({
      reference: {
        ...right.reference,
        options: { place: `${place}?password=hunter2` },
      },
    }),
    facts: { secrets: ["hunter2"] },
    fails: ["the reference: holds no secrets"],
  },
  "reference to another place": {
    fault: (right, place) => ({ reference: { ...right.reference, options: { place: `${place}-elsewhere` } } }),
    fails: ["the reference: opens the same store again"],
  },
  "reference to a path": {
    fault: (right) => ({ reference: { ...right.reference, module: "./memory.ts" } }),
    fails: ["the reference: names a module that is the same one everywhere"],
  },
  "rhythm that no lease survives": {
    fault: (right) => ({ pace: { ...right.pace, ttl: 60 } }),
    fails: ["the reference: comes with a rhythm that can be kept"],
  },
  "error that is of no kind": {
    fault: (right) => ({
      async put(key, body, options) {
        if (options?.signal?.aborted) throw new Error("aborted");
        await right.put(key, body, options);
      },
    }),
    fails: ["a signal: that is aborted before a call stops it, and nothing happens"],
  },
};

/** The part below the root, which is not about case. */
function lower(key: string): string {
  return key.includes("/near/") ? key.replace("near/A", "near/a") : key;
}
