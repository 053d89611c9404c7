import { serializer as right } from "@skyburst/core";
import { ALL, encode, mapped } from "./fault.ts";
import type { BrokenSerializers } from "./fault.ts";

export const VALUES: BrokenSerializers = {
  "one that loses -0": {
    fault: encode((value) => mapped(value, (it) => (Object.is(it, -0) ? 0 : it))),
    fails: ["values: come back as they were: numbers"],
  },
  "one that makes NaN null, as JSON does": {
    fault: encode((value) => mapped(value, (it) => (Number.isNaN(it) ? null : it))),
    fails: ["values: come back as they were: numbers"],
  },
  "one that leaves undefined out, as JSON does": {
    fault: encode((value) => mapped(value, (it) => (it === undefined ? null : it))),
    fails: [
      "values: come back as they were: undefined",
      "what encode makes: of undefined is no text at all",
      "values: come back as they were: JSON",
    ],
  },
  "one that makes dates text, as JSON does": {
    fault: encode((value) => mapped(value, (it) => (it instanceof Date ? it.toJSON() : it))),
    fails: ["values: come back as they were: Date"],
  },
  "one that makes Maps objects": {
    fault: encode((value) => mapped(value, (it) => (it instanceof Map ? Object.fromEntries(it) : it))),
    fails: ["values: come back as they were: Map"],
  },
  "one that forgets the order of a Map": {
    fault: encode((value) => mapped(value, (it) => (it instanceof Set ? new Set([...it].slice(0, 1)) : it))),
    fails: ["values: come back as they were: Set"],
  },
  "one that loses the cause of an error": {
    fault: encode((value) =>
      mapped(value, (it) => {
        if (!(it instanceof TypeError)) return it;
        return Object.assign(new TypeError(it.message), { stack: it.stack, code: "E_NO" });
      }),
    ),
    fails: ["values: come back as they were: Error"],
  },
  "one that sends all of the memory around a view": {
    fault: encode((value) => mapped(value, (it) => (it instanceof Uint16Array ? new Uint16Array(it.buffer) : it))),
    fails: ["values: come back as they were: bytes"],
  },
  "one that copies what is one object": {
    fault: encode((value) => (isOneTwice(value) ? JSON.parse(JSON.stringify(value)) : value)),
    fails: ["values: come back as they were: references"],
  },
  "one that says nothing of what JSON loses": {
    fault: {
      encode: (value) => {
        const { json, meta, attachments } = right.encode(value);
        return { json, meta: meta === '{"types":"bigint"}' ? undefined : meta, attachments };
      },
    },
    fails: ["values: come back as they were: bigint"],
  },
  "one that carries more than it states": {
    fault: {},
    facts: { kinds: ALL.filter((kind) => kind !== "Map") },
    fails: ["values: are refused, as nothing else is stated: Map"],
  },
};

function isOneTwice(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("outer" in value && Array.isArray(value.outer)) return isOneTwice(value.outer[1]);
  return "first" in value && "second" in value;
}
