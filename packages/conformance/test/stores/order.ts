import type { BrokenStores } from "./fault.ts";
import { bytewise, objectsAt } from "./memory-store.ts";

export const ORDER: BrokenStores = {
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
};
