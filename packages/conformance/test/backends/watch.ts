import type { BrokenBackends } from "./fault.ts";

export const WATCH: BrokenBackends = {
  "watch that waits for the first change": {
    fault: (right) => ({
      async *watch(sessionId, options) {
        let first = true;
        for await (const workers of right.watch(sessionId, options)) {
          if (!first || workers.length === 0) yield workers;
          first = false;
        }
      },
    }),
    fails: ["watch: tells the state at first, and every change", "watch: sees what another process launches and ends"],
  },
  "watch that ends quietly when it is aborted": {
    fault: (right) => ({
      async *watch(sessionId, options) {
        try {
          yield* right.watch(sessionId, options);
        } catch (error) {
          if (!options?.signal?.aborted) throw error;
        }
      },
    }),
    fails: ["watch: ends by an error when its signal is aborted"],
  },
  "watch of every session": {
    fault: (right, on) => ({
      async *watch(sessionId, options) {
        for await (const workers of right.watch(sessionId, options)) {
          const others = [...on.workers.values()].filter((it) => it.sessionId.startsWith(sessionId.slice(0, -1)));
          yield workers.length > 0 ? workers : others.map(({ status }) => status);
        }
      },
    }),
    fails: ["watch: sees no other sessions"],
  },
  "logs without what went to stderr": {
    fault: (right) => ({ logs: async (worker) => (await right.logs(worker)).replace("to stderr\n", "") }),
    fails: ["logs: are what the worker printed to both of its outputs"],
  },
  "logs that keep the beginning": {
    fault: (right) => ({ logs: async (worker) => (await right.logs(worker)).slice(0, 65_536) }),
    fails: ["logs: end with the newest"],
  },
  "logs of the whole session": {
    fault: (right, on) => ({
      async logs(worker) {
        const { sessionId } = on.workers.get(worker) ?? {};
        const same = [...on.workers.values()].filter((it) => it.sessionId === sessionId && sessionId !== undefined);
        return same.length === 2 && same.every(({ stubborn, status }) => !stubborn && status.state === "running")
          ? same.map(({ output }) => output).join("")
          : await right.logs(worker);
      },
    }),
    fails: ["logs: are of this worker only"],
  },
  "close that stops workers": {
    fault: (right, on) => ({
      async close() {
        await right.close();
        for (const [id, { status }] of on.workers)
          if (status.state === "running") right.end(id, { code: 0, reason: "stopped" });
      },
    }),
    fails: ["close: lets workers go on"],
  },
  "close that is not idempotent": {
    fault: (right) => {
      let closed = false;
      return {
        async close() {
          if (closed) throw new Error("closed already");
          closed = true;
          await right.close();
        },
      };
    },
    fails: ["close: may be called again, and before anything else"],
  },
  "close that ends nothing": {
    fault: () => ({ close: async () => undefined }),
    fails: [
      "close: ends what this object does",
      "launch: of a closed backend is an error",
      "watch: ends when its backend is closed, or says so",
    ],
  },
};
