import { StoreError } from "@skyburst/core";
import type { BrokenStores } from "./fault.ts";
import { objectsAt } from "./memory-store.ts";

export const WRITE: BrokenStores = {
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
};
