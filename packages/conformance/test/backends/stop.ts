import { knowingItsOwn } from "./fault.ts";
import type { BrokenBackends } from "./fault.ts";

export const STOP: BrokenBackends = {
  "stop that is not idempotent": {
    fault: (right, on) => ({
      async stop(workers, options) {
        if (workers.some((id) => on.workers.get(id)?.status.state === "exited"))
          throw new Error("it has ended already");
        await right.stop(workers, options);
      },
    }),
    fails: ["stop: takes it for success that a worker has ended"],
  },
  "stop that throws on a stranger": {
    fault: (right, on) => ({
      async stop(workers, options) {
        if (workers.some((id) => !on.workers.has(id))) throw new Error("there is no such worker");
        await right.stop(workers, options);
      },
    }),
    fails: ["stop: takes it for success that a worker was never there", "close: ends what this object does"],
  },
  "stop of whatever begins so": {
    fault: (right, on) => ({
      async stop(workers, options) {
        const meant = [...on.workers.keys()].filter((id) => workers.some((it) => id.startsWith(it)));
        await right.stop(meant, options);
      },
    }),
    fails: ["stop: takes it for success that a worker was never there"],
  },
  "stop of the whole session": {
    fault: (right, on) => ({
      async stop(workers, options) {
        const sessions = new Set(workers.map((id) => on.workers.get(id)?.sessionId));
        const meant = [...on.workers].filter(([, { sessionId }]) => sessions.has(sessionId)).map(([id]) => id);
        await right.stop(meant, options);
      },
    }),
    fails: ["stop: ends only the workers that it is given"],
  },
  "stop that never kills": {
    fault: (right) => ({
      stop: (workers, options) => right.stop(workers, { ...options, grace: 10_000 }),
    }),
    fails: [
      "stop: kills what has not ended after the grace time",
      "stop: ends what another process launched",
      "exits: of a worker that was killed tell the signal, where that is stated",
    ],
  },
  "stop that kills at once": {
    fault: (right, on) => ({
      async stop(workers, options) {
        await right.stop([], options);
        for (const id of workers)
          if (on.workers.get(id)?.status.state === "running") right.end(id, { signal: "SIGKILL", reason: "stopped" });
      },
    }),
    fails: ["stop: asks a worker to end, which it may do in its own way"],
  },
  "stop of own workers only": {
    fault: knowingItsOwn((right, own) => ({
      stop: (workers, options) =>
        right.stop(
          workers.filter((id) => own.has(id) || options?.grace === 0),
          options,
        ),
    })),
    fails: ["stop: ends what another process launched"],
  },
};
