import { randomUUID } from "node:crypto";
import type { LaunchResult, WorkerStatus } from "@skyburst/core";
import type { BrokenBackends } from "./fault.ts";

export const LAUNCH: BrokenBackends = {
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
  "launch without the secrets": {
    fault: (right) => ({
      launch: ({ secrets: _, ...request }, options) => right.launch(request, options),
    }),
    fails: ["launch: hands over what is secret, where that is stated"],
  },
  "launch with secrets as arguments": {
    fault: (right) => ({
      launch: (request, options) =>
        right.launch({ ...request, args: [...request.args, ...Object.values(request.secrets ?? {})] }, options),
    }),
    fails: ["launch: hands over what is secret, where that is stated"],
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
        on.workers.set(id, { sessionId, storeId: "", stubborn: false, status, output: "" });
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
};
