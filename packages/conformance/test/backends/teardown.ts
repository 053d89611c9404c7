import type { BrokenBackends } from "./fault.ts";

export const TEARDOWN: BrokenBackends = {
  "a teardown that does not say whose things it removes": {
    fault: (right) => ({
      teardown: async (...given) => (await right.teardown(...given)).map(({ kind, name }) => ({ kind, name })),
    }),
    fails: [
      "teardown: removes workers that have ended, and tells of which session they were",
      "teardown: only tells what it would remove, where that is asked for",
    ],
  },
  "a teardown that tells again what is gone": {
    fault: (right) => {
      const told = new Map<string, Awaited<ReturnType<typeof right.teardown>>[number]>();
      return {
        async teardown(request) {
          for (const remnant of await right.teardown(request)) told.set(remnant.name, remnant);
          return [...told.values()];
        },
      };
    },
    fails: ["teardown: is idempotent"],
  },
  "a teardown that removes where it is only to tell": {
    fault: (right) => ({ teardown: (request) => right.teardown({ ...request, dryRun: false }) }),
    fails: ["teardown: only tells what it would remove, where that is asked for"],
  },
  "a teardown that ends what runs": {
    fault: (right, on) => ({
      async teardown(request) {
        if (request?.dryRun !== true)
          for (const [id, { status }] of on.workers)
            if (status.state === "running") right.end(id, { reason: "stopped" });
        return await right.teardown(request);
      },
    }),
    fails: ["teardown: leaves workers alone that run"],
  },
  "a teardown that spares nobody": {
    fault: (right) => ({ teardown: (request) => right.teardown({ ...request, spare: [] }) }),
    fails: ["teardown: spares what has ended of sessions that are named"],
  },
};
