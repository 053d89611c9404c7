import { knowingItsOwn, retelling } from "./fault.ts";
import type { BrokenBackends } from "./fault.ts";

export const LIST: BrokenBackends = {
  "list that shows other sessions": {
    fault: (right, on) => ({
      async list(sessionId, options) {
        await right.list(sessionId, options);
        return [...on.workers.values()].filter((it) => it.sessionId.startsWith(sessionId)).map(({ status }) => status);
      },
    }),
    fails: ["list: shows no workers of other sessions"],
  },
  "list that forgets workers after a restart": {
    fault: knowingItsOwn((right, own) => ({
      list: async (...given) => (await right.list(...given)).filter(({ id }) => own.has(id)),
    })),
    fails: [
      "list: finds workers that another process launched",
      "exits: are told to anyone who lists",
      "close: lets workers go on",
    ],
  },
  "list that mixes up slots": {
    fault: retelling((worker) => ({ ...worker, slot: 0 })),
    fails: ["list: knows launch, slot and state of each worker that was started"],
  },
  "list with times in seconds": {
    fault: retelling(({ startedAt = 0, ...worker }) => ({ ...worker, startedAt: startedAt / 1000 })),
    fails: ["list: tells times in milliseconds, on a clock that is about right"],
  },
  "list with the time of another zone": {
    fault: retelling(({ startedAt = 0, ...worker }) => ({ ...worker, startedAt: startedAt - 7.2e6 })),
    fails: ["list: tells times in milliseconds, on a clock that is about right"],
  },
  "an error told as done": {
    fault: retelling((worker) =>
      worker.exit?.reason === "error" ? { ...worker, exit: { ...worker.exit, reason: "done" } } : worker,
    ),
    fails: [
      "exits: with another code are errors",
      "exits: are told to anyone who lists",
      "stop: takes it for success that a worker has ended",
    ],
  },
  "an exit code that is not told": {
    fault: retelling(({ exit, ...worker }) =>
      exit === undefined ? worker : { ...worker, exit: { reason: exit.reason, signal: exit.signal } },
    ),
    fails: ["exits: with code 0 are done", "exits: with another code are errors"],
  },
  "exit codes that are told though it is said that none are": {
    fault: () => ({}),
    facts: { exitCodes: false },
    fails: ["exits: with code 0 are done", "exits: with another code are errors"],
  },
  "a stop told as an error": {
    fault: retelling((worker) =>
      worker.exit?.reason === "stopped" ? { ...worker, exit: { ...worker.exit, reason: "error" } } : worker,
    ),
    fails: [
      "exits: of a worker that was asked to end are stops",
      "exits: of a worker that was killed tell the signal, where that is stated",
    ],
  },
  "exits that only the launcher is told, though it is said that anyone is": {
    fault: knowingItsOwn((right, own) => ({
      list: async (...given) =>
        (await right.list(...given)).filter(({ id, state }) => own.has(id) || state !== "exited"),
    })),
    fails: ["exits: are told to anyone who lists"],
  },
};
