import { knowingItsOwn } from "./fault.ts";
import type { BrokenBackends } from "./fault.ts";

export const SESSIONS: BrokenBackends = {
  "sessions without their store": {
    fault: (right) => ({
      sessions: async (...given) => (await right.sessions(...given)).map(({ sessionId }) => ({ sessionId })),
    }),
    fails: ["sessions: are told with the store that they are in, each once", "sessions: of another process are found"],
  },
  "a session for each of its workers": {
    fault: (right, on) => ({
      async sessions(options) {
        await right.sessions(options);
        return [...on.workers.values()].filter(({ status }) => status.state === "running");
      },
    }),
    fails: ["sessions: are told with the store that they are in, each once"],
  },
  "sessions that are forgotten after a restart": {
    fault: knowingItsOwn((right, own) => ({
      sessions: async (...given) =>
        (await right.sessions(...given)).filter(({ sessionId }) => [...own].some((id) => id.startsWith(sessionId))),
    })),
    fails: ["sessions: of another process are found"],
  },
  "sessions that are never forgotten": {
    fault: (right, on) => ({
      async sessions(options) {
        await right.sessions(options);
        const all = [...on.workers.values()].map((worker) => [worker.sessionId, worker] as const);
        return [...new Map(all).values()];
      },
    }),
    fails: ["sessions: whose workers have ended are told no more"],
  },
};
