import { randomUUID } from "node:crypto";
import type { Backend, LaunchResult, WorkerStatus } from "@skyburst/core";
import type { BackendFacts } from "../src/index.ts";
import type { Provider } from "./memory-backend.ts";
import { MemoryBackend } from "./memory-backend.ts";

/** What is wrong with a backend: members in place of those of a right one. */
type Fault = (right: MemoryBackend, on: Provider) => { readonly [K in keyof Backend]?: Backend[K] | undefined };

export interface BrokenBackend {
  readonly fault: Fault;
  /** The tests that say so, as `group: test`. */
  readonly fails: readonly string[];
  /** What is stated and is not so. */
  readonly facts?: BackendFacts;
}

export function broken(on: Provider, fault: Fault, maxWorkers?: number): Backend {
  const right = new MemoryBackend(on, maxWorkers);
  const whole = {
    name: right.name,
    capabilities: right.capabilities,
    launch: (...given: Parameters<Backend["launch"]>) => right.launch(...given),
    list: (...given: Parameters<Backend["list"]>) => right.list(...given),
    stop: (...given: Parameters<Backend["stop"]>) => right.stop(...given),
    watch: (...given: Parameters<MemoryBackend["watch"]>) => right.watch(...given),
    capacity: (...given: Parameters<MemoryBackend["capacity"]>) => right.capacity(...given),
    rate: (...given: Parameters<MemoryBackend["rate"]>) => right.rate(...given),
    logs: (...given: Parameters<MemoryBackend["logs"]>) => right.logs(...given),
    close: () => right.close(),
  };
  const present = Object.entries({ ...whole, ...fault(right, on) }).filter(([, member]) => member !== undefined);
  return Object.fromEntries(present) as typeof whole;
}

export const BROKEN: Readonly<Record<string, BrokenBackend>> = {
  "launch that resolves although nothing started": {
    fault: (right) => ({
      async launch(request, options) {
        if (request.args[0] !== "--do=wait" || request.slots[1] !== 2) return await right.launch(request, options);
        return { started: request.slots.map((slot) => ({ slot, id: `none.${slot}` })), refused: [] };
      },
    }),
    fails: [
      "launch: starts one worker for each slot",
      "list: knows launch, slot and state of each worker that was started",
    ],
  },
  "launch that starts a slot twice": {
    fault: (right) => ({
      async launch(request, options) {
        const result = await right.launch(request, options);
        if (request.slots.length === 3) await right.launch({ ...request, token: `${request.token}-again` }, options);
        return result;
      },
    }),
    fails: ["launch: starts one worker for each slot"],
    facts: { limited: undefined },
  },
  "launch that starts a slot twice for the same token": {
    fault: (right) => ({
      launch: (request, options) => right.launch({ ...request, token: randomUUID() }, options),
    }),
    fails: ["launch: under the same token starts nothing twice, where that is stated"],
  },
  "launch that forgets a slot": {
    fault: (right) => ({
      async launch(request, options) {
        const { started, refused } = await right.launch(request, options);
        return { started, refused: refused.slice(0, 1) };
      },
    }),
    fails: [
      "launch: refuses bytes that are not those of the hash",
      ...["cpu", "memory", "gpus", "image", "platform", "mounts", "spot"].map(
        (field) => `the spec: is taken or refused by name, as stated: ${field}`,
      ),
    ],
  },
  "launch without the arguments": {
    fault: (right) => ({
      launch: (request, options) =>
        right.launch(
          { ...request, args: request.args.filter((argument) => !argument.startsWith("--text=a")) },
          options,
        ),
    }),
    fails: ["launch: tells each worker its slot and its arguments"],
  },
  "workers that see another file system": {
    fault: (right) => ({
      launch: (request, options) =>
        right.launch(
          { ...request, args: request.args.map((it) => it.replace(/^--text=\/.*/, "--text=/dev/null")) },
          options,
        ),
    }),
    fails: ["launch: runs workers on this file system, where that is stated"],
  },
  "launch that starts what is not the program": {
    fault: (right) => ({
      launch: (request, options) =>
        right.launch(
          { ...request, program: { ...request.program, sha256: request.program.url.replace("memory:///", "") } },
          options,
        ),
    }),
    fails: ["launch: refuses bytes that are not those of the hash"],
  },
  "launch that says done of what never ran": {
    fault: (right, on) => ({
      async launch(request, options): Promise<LaunchResult> {
        if (!request.program.url.endsWith(".missing")) return await right.launch(request, options);
        const { sessionId, launch } = request;
        const id = `${sessionId}.none`;
        const status: WorkerStatus = { id, launch, slot: 0, state: "exited", exit: { reason: "done" } };
        on.workers.set(id, { sessionId, stubborn: false, status, output: "" });
        return { started: [{ slot: 0, id }], refused: [] };
      },
    }),
    fails: ["launch: never says done of a program that is not there"],
  },
  "launch under an aborted signal": {
    fault: (right) => ({ launch: (request) => right.launch(request) }),
    fails: ["launch: does nothing under a signal that is aborted"],
  },
  "list under an aborted signal": {
    fault: (right) => ({ list: (sessionId) => right.list(sessionId) }),
    fails: ["launch: does nothing under a signal that is aborted"],
  },
  "spec fields that nobody looks at": {
    fault: (right) => ({
      launch: (request, options) => right.launch({ ...request, spec: { env: request.spec.env } }, options),
    }),
    fails: ["cpu", "memory", "gpus", "image", "platform", "mounts", "spot"].map(
      (field) => `the spec: is taken or refused by name, as stated: ${field}`,
    ),
  },
  "a spec field that is stated and not taken": {
    fault: (right) => ({ capabilities: { ...right.capabilities, spec: ["env", "slots", "image"] } }),
    fails: ["the spec: is taken or refused by name, as stated: image"],
  },
  "a refusal that names nothing": {
    fault: (right) => ({
      async launch(request, options) {
        const { started, refused } = await right.launch(request, options);
        return { started, refused: refused.map((one) => (request.spec.gpus ? { ...one, message: "no" } : one)) };
      },
    }),
    fails: ["the spec: is taken or refused by name, as stated: gpus"],
  },
  "an environment that gets lost": {
    fault: (right) => ({
      launch: (request, options) => right.launch({ ...request, spec: { ...request.spec, env: undefined } }, options),
    }),
    fails: ["the spec: gives workers its environment"],
  },
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
    fault: (right) => {
      const own = new Set<string>();
      return {
        async launch(request, options) {
          const result = await right.launch(request, options);
          for (const { id } of result.started) own.add(id);
          return result;
        },
        list: async (...given) => (await right.list(...given)).filter(({ id }) => own.has(id)),
      };
    },
    fails: [
      "list: finds workers that another process launched",
      "exits: are told to anyone who lists",
      "close: lets workers go on",
    ],
  },
  "list that mixes up slots": {
    fault: (right) => ({
      list: async (...given) => (await right.list(...given)).map((worker) => ({ ...worker, slot: 0 })),
    }),
    fails: ["list: knows launch, slot and state of each worker that was started"],
  },
  "list with times in seconds": {
    fault: (right) => ({
      list: async (...given) =>
        (await right.list(...given)).map(({ startedAt = 0, ...worker }) => ({
          ...worker,
          startedAt: startedAt / 1000,
        })),
    }),
    fails: ["list: tells times in milliseconds, on a clock that is about right"],
  },
  "list with the time of another zone": {
    fault: (right) => ({
      list: async (...given) =>
        (await right.list(...given)).map(({ startedAt = 0, ...worker }) => ({
          ...worker,
          startedAt: startedAt - 7.2e6,
        })),
    }),
    fails: ["list: tells times in milliseconds, on a clock that is about right"],
  },
  "an error told as done": {
    fault: (right) => ({
      list: async (...given) =>
        (await right.list(...given)).map((worker) =>
          worker.exit?.reason === "error" ? { ...worker, exit: { ...worker.exit, reason: "done" } } : worker,
        ),
    }),
    fails: [
      "exits: with another code are errors",
      "exits: are told to anyone who lists",
      "stop: takes it for success that a worker has ended",
    ],
  },
  "an exit code that is not told": {
    fault: (right) => ({
      list: async (...given) =>
        (await right.list(...given)).map(({ exit, ...worker }) =>
          exit === undefined ? worker : { ...worker, exit: { reason: exit.reason, signal: exit.signal } },
        ),
    }),
    fails: ["exits: with code 0 are done", "exits: with another code are errors"],
  },
  "exit codes that are told though it is said that none are": {
    fault: () => ({}),
    facts: { exitCodes: false },
    fails: ["exits: with code 0 are done", "exits: with another code are errors"],
  },
  "a stop told as an error": {
    fault: (right) => ({
      list: async (...given) =>
        (await right.list(...given)).map((worker) =>
          worker.exit?.reason === "stopped" ? { ...worker, exit: { ...worker.exit, reason: "error" } } : worker,
        ),
    }),
    fails: [
      "exits: of a worker that was asked to end are stops",
      "exits: of a worker that was killed tell the signal, where that is stated",
    ],
  },
  "exits that only the launcher is told, though it is said that anyone is": {
    fault: (right) => {
      const own = new Set<string>();
      return {
        async launch(request, options) {
          const result = await right.launch(request, options);
          for (const { id } of result.started) own.add(id);
          return result;
        },
        list: async (...given) =>
          (await right.list(...given)).filter(({ id, state }) => own.has(id) || state !== "exited"),
      };
    },
    fails: ["exits: are told to anyone who lists"],
  },
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
    fault: (right) => {
      const own = new Set<string>();
      return {
        async launch(request, options) {
          const result = await right.launch(request, options);
          for (const { id } of result.started) own.add(id);
          return result;
        },
        stop: (workers, options) =>
          right.stop(
            workers.filter((id) => own.has(id) || options?.grace === 0),
            options,
          ),
      };
    },
    fails: ["stop: ends what another process launched"],
  },
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
    facts: { roles: ["watch", "capacity", "logs", "close"] },
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
