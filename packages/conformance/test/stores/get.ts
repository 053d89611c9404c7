import type { BrokenStores } from "./fault.ts";
import { clock, objectsAt } from "./memory-store.ts";

export const GET: BrokenStores = {
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
  "nesting that is said to be refused": {
    fault: () => ({}),
    facts: { nesting: "refused" },
    fails: ["keys: below or above another key are refused"],
  },
};

function lower(key: string): string {
  return key.includes("/near/") ? key.replace("near/A", "near/a") : key;
}
