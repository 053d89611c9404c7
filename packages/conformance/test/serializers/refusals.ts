import { SerializeError, serializer as right } from "@skyburst/core";
import { encode, mapped } from "./fault.ts";
import type { BrokenSerializers } from "./fault.ts";

export const REFUSALS: BrokenSerializers = {
  "one that accepts instances of classes": {
    fault: encode((value) => mapped(value, (it) => (isUnknown(it) ? { ...it } : it))),
    fails: ["refusals: name the part: an instance of a class"],
  },
  "one that leaves functions out, as JSON does": {
    fault: encode((value) => mapped(value, (it) => (typeof it === "function" ? null : it))),
    fails: ["refusals: name the part: a function", "refusals: are not evaded by toJSON"],
  },
  "one that calls toJSON": {
    fault: encode((value) => mapped(value, (it) => (hasToJson(it) ? it.toJSON() : it))),
    fails: ["refusals: are not evaded by toJSON"],
  },
  "one that waits for no promise": {
    fault: encode((value) => mapped(value, (it) => (it instanceof Promise ? {} : it))),
    fails: ["refusals: name the part: a promise"],
  },
  "one that does not say which part": {
    fault: {
      encode: (value) => {
        try {
          return right.encode(value);
        } catch (error) {
          if (!(error instanceof SerializeError) || !error.message.includes("WeakMap")) throw error;
          throw new SerializeError("unsupported", "$", "It cannot travel.");
        }
      },
    },
    fails: ["refusals: name the part: a WeakMap"],
  },
  "one that throws what is no error of its own": {
    fault: {
      encode: (value) => {
        if (typeof value === "symbol") throw new TypeError("symbols cannot be cloned");
        return right.encode(value);
      },
    },
    fails: ["refusals: name the part: a symbol"],
  },
  "one that runs out of stack": {
    fault: {
      encode: (value) => {
        if (Array.isArray(value) && Array.isArray(value[0]) && Array.isArray(value[0][0])) JSON.stringify(value);
        return right.encode(value);
      },
    },
    fails: ["refusals: come in time: 100,000 levels are no stack overflow"],
  },
};

function isUnknown(it: unknown): it is object {
  return typeof it === "object" && it !== null && it.constructor?.name === "Unknown";
}

function hasToJson(it: unknown): it is { toJSON(): unknown } {
  return typeof it === "object" && it !== null && Object.hasOwn(it, "toJSON");
}
