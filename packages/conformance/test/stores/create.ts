import { setImmediate } from "node:timers/promises";
import type { BrokenStores } from "./fault.ts";
import { objectsAt } from "./memory-store.ts";

export const CREATE: BrokenStores = {
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
  "close that empties the store": {
    fault: (right, place) => ({
      async close() {
        await right.close?.();
        objectsAt(place).clear();
      },
    }),
    fails: ["create: outlives the object that wrote it", "close: leaves other objects on the same place alone"],
  },
};
