import type { BrokenBackends } from "./fault.ts";

export const SPEC: BrokenBackends = {
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
};
