import type { BrokenBackends } from "./fault.ts";
import { MemoryBackend } from "./memory-backend.ts";

export const CAPACITY: BrokenBackends = {
  "capacity below zero": {
    fault: (right) => ({ capacity: async (...given) => (await right.capacity(...given)) - 1 }),
    fails: ["capacity: falls and rises with the workers that run"],
  },
  "capacity beyond the limit": {
    fault: (right) => ({ capacity: async (...given) => (await right.capacity(...given)) + 1 }),
    fails: ["capacity: is a number of workers, up to the limit", "capacity: falls and rises with the workers that run"],
  },
  "a limit that nobody keeps": {
    fault: (right, on) => {
      const free = new MemoryBackend(on);
      return {
        launch: async (...given) => {
          await right.list("");
          return await free.launch(...given);
        },
      };
    },
    fails: [
      "capacity: that is used up is a refusal of the slots beyond it",
      "capacity: is there again when a worker has ended",
    ],
  },
  "capacity that is never freed": {
    fault: (right, on) => ({
      async launch(request, options) {
        if (right.capabilities.maxWorkers > 1 || on.workers.size === 0) return await right.launch(request, options);
        const sessions = [...on.workers.values()].filter(({ sessionId }) => sessionId === request.sessionId);
        if (sessions.length === 0) return await right.launch(request, options);
        return { started: [], refused: request.slots.map((slot) => ({ slot, kind: "capacity", message: "full" })) };
      },
    }),
    fails: ["capacity: is there again when a worker has ended"],
  },
  "a role that is not stated": {
    fault: () => ({}),
    facts: { roles: ["watch", "capacity", "sessions", "logs", "teardown", "close"] },
    fails: ["roles: rate is not there, as is stated"],
  },
  "a role that is stated and not there": {
    fault: () => ({ rate: undefined }),
    fails: ["roles: rate is there, as is stated", "roles: tell a price that is none below zero"],
  },
  "a price below zero": {
    fault: () => ({ rate: async () => ({ amount: -1, currency: "USD", unit: "hour" as const, source: "a test" }) }),
    fails: ["roles: tell a price that is none below zero"],
  },
  "a worker without slots": {
    fault: (right) => ({ capabilities: { ...right.capabilities, slots: 0 } }),
    fails: ["roles: are told of as capabilities that can be"],
  },
};
