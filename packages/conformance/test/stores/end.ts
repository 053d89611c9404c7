import { setImmediate } from "node:timers/promises";
import { StoreError } from "@skyburst/core";
import type { BrokenStores } from "./fault.ts";

export const END: BrokenStores = {
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
