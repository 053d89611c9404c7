import type { Page } from "@skyburst/core";
import type { BrokenStores } from "./fault.ts";
import { clock, objectsAt } from "./memory-store.ts";

export const LIST: BrokenStores = {
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
};
