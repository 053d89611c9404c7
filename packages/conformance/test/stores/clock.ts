import type { BrokenStores } from "./fault.ts";

export const CLOCK: BrokenStores = {
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
};
