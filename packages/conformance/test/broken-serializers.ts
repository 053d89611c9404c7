import { runInThisContext } from "node:vm";
import { SerializeError, serializer as right } from "@skyburst/core";
import type { Received, Serializer } from "@skyburst/core";
import type { SerializerFacts, ValueKind } from "../src/index.ts";

export const ALL: readonly ValueKind[] = [
  ...(["undefined", "numbers", "bigint", "Date", "RegExp", "URL", "Map", "Set", "Error", "bytes"] as const),
  ...(["Shared", "keys", "references", "cycles"] as const),
];

export interface BrokenSerializer {
  /** Members in place of those of a right one. */
  readonly fault: Partial<Serializer>;
  /** The tests that say so, as `group: test`. */
  readonly fails: readonly string[];
  /** What is stated and is not so. */
  readonly facts?: SerializerFacts;
}

const encode = (change: (value: unknown) => unknown): Partial<Serializer> => ({
  encode: (value) => right.encode(change(value)),
});

export const BROKEN: Readonly<Record<string, BrokenSerializer>> = {
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
  "one that always writes a meta": {
    fault: {
      encode: (value) => {
        const { json, meta = '{"types":"JSON"}', attachments } = right.encode(value);
        return { json, meta: json === "" ? undefined : meta, attachments };
      },
      decode: (received, options) =>
        JSON.stringify(received.meta) === '{"types":"JSON"}' ? received.value : right.decode(received, options),
    },
    fails: ["what encode makes: of plain JSON is that JSON, and nothing beside it"],
  },
  "one that writes for people to read": {
    fault: {
      encode: (value) => {
        const { json, ...rest } = right.encode(value);
        return { ...rest, json: json === "" ? "" : JSON.stringify(JSON.parse(json), undefined, 2) };
      },
    },
    fails: ["what encode makes: is text of one line, and JSON"],
  },
  "one whose texts depend on chance": {
    fault: {
      encode: (value) => {
        const encoded = right.encode(value);
        return encoded.meta === undefined ? encoded : { ...encoded, meta: encoded.meta + " ".repeat(random()) };
      },
    },
    fails: ["what encode makes: is the same for the same value"],
  },
  "one that sorts the value it is given": {
    fault: encode((value) => {
      if (typeof value === "object" && value !== null && "fields" in value && !Object.isFrozen(value))
        Object.assign(value, { list: [] });
      return value;
    }),
    fails: ["what encode makes: leaves the value as it was"],
  },
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
  "one that carries more than it states": {
    fault: {},
    facts: { kinds: ALL.filter((kind) => kind !== "Map") },
    fails: ["values: are refused, as nothing else is stated: Map"],
  },
  "one that takes any meta": {
    fault: {
      decode: (received, options) => {
        const { meta } = received;
        const isOurs = typeof meta === "object" && meta !== null && "types" in meta;
        return isOurs ? right.decode(received, options) : received.value;
      },
    },
    fails: ["decode: refuses a meta that encode never makes"],
  },
  "one that gives attachments away": {
    fault: {
      decode: (received, options) => {
        const value: unknown = right.decode(received, options);
        const [bytes] = received.attachments ?? [];
        if (bytes?.length !== 3 || bytes[2] !== 3 || typeof value !== "object" || value === null) return value;
        return "bytes" in value ? { bytes } : value;
      },
    },
    fails: ["decode: copies attachments"],
  },
  "one that has zeros for bytes that are missing": {
    fault: {
      decode: (received, options) => {
        const attachments = received.attachments?.length ? received.attachments : [new Uint8Array(3)];
        return right.decode({ ...received, attachments }, options);
      },
    },
    fails: ["decode: refuses attachments that are missing"],
  },
  "one that does not look for shared values": {
    fault: { decode: (received) => right.decode(received) },
    fails: ["decode: puts shared values in place of their handles, where they are given"],
  },
  "one that decodes a value once": {
    fault: remembering(),
    fails: ["decode: is given what encode made, and gives no two values one object"],
  },
  "one that runs code": {
    fault: {
      decode: (received, options) => {
        mapped(received.value, (it) => revived(it));
        return right.decode(received, options);
      },
    },
    fails: ["what others send: runs no code"],
  },
  "one that runs code in what it says about types": {
    fault: {
      decode: (received, options) => {
        mapped(received.meta, (it) => revived(it));
        return right.decode(received, options);
      },
    },
    fails: ["what others send: runs no code"],
  },
  "one that merges what it gets": {
    fault: {
      decode: (received, options) => {
        merge({}, received.value);
        return right.decode(received, options);
      },
    },
    fails: ["what others send: changes no prototype"],
  },
  "one that follows a path to a prototype": {
    fault: {
      decode: (received, options) => {
        merge({}, received.meta);
        return right.decode(received, options);
      },
    },
    fails: ["what others send: changes no prototype"],
  },
  "one that sets the prototype of a value": {
    fault: {
      decode: (received, options) => {
        const value: unknown = right.decode(received, options);
        const sent =
          typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, "__proto__") : undefined;
        if (sent !== undefined && isPolluting(sent.value)) Object.setPrototypeOf(value, sent.value);
        return value;
      },
    },
    fails: ["what others send: gets no object of a strange prototype"],
  },
  "one that throws whatever happens": {
    fault: {
      decode: (received, options) => {
        try {
          return right.decode(received, options);
        } catch (error) {
          const { meta } = received;
          if (typeof meta !== "object" || meta === null || !("types" in meta) || received.attachments?.length === 0)
            throw error;
          if (received.attachments !== undefined || JSON.stringify(received.value).includes("bytes")) throw error;
          throw new TypeError("Cannot read properties of null", { cause: error });
        }
      },
    },
    fails: ["what others send: is data or malformed, and no other error"],
  },
  "a reference that is said not to be there": {
    fault: { reference: { module: "x", options: {} } },
    fails: ["the reference: is not there, as is stated"],
  },
  "a reference that is missing": {
    fault: {},
    facts: { referenced: true },
    fails: [
      "the reference: is JSON, and names a module that is the same one everywhere",
      "the reference: opens the same serializer again",
    ],
  },
  "a reference to another serializer": {
    fault: { reference: { module: "x", options: {} } },
    facts: { referenced: true, open: () => right },
    fails: ["the reference: opens the same serializer again"],
  },
};

/** A copy of plain arrays and objects with each part put in place by another; the value itself where nothing changes. */
function mapped(value: unknown, change: (it: unknown) => unknown, seen = new Set<unknown>()): unknown {
  const made = change(value);
  if (!Object.is(made, value)) return made;
  if (typeof value !== "object" || value === null || seen.has(value) || seen.size > 900) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  seen.add(value);
  const entries = Object.entries(value).map(([key, inner]) => [key, mapped(inner, change, seen)] as const);
  if (entries.every(([key, inner]) => Object.is(inner, Reflect.get(value, key)))) return value;
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function isOneTwice(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("outer" in value && Array.isArray(value.outer)) return isOneTwice(value.outer[1]);
  return "first" in value && "second" in value;
}

function isUnknown(it: unknown): it is object {
  return typeof it === "object" && it !== null && it.constructor?.name === "Unknown";
}

function hasToJson(it: unknown): it is { toJSON(): unknown } {
  return typeof it === "object" && it !== null && Object.hasOwn(it, "toJSON");
}

function random(): number {
  return Math.floor(Math.random() * 1_000_000);
}

/** What a reviver of functions does. */
function revived(it: unknown): unknown {
  if (typeof it !== "string" || !it.startsWith("_$$ND_FUNC$$_")) return it;
  return runInThisContext(`(${it.slice(13).replace(/\(\)$/, "")})()`) as unknown;
}

function merge(target: object, source: unknown): void {
  if (typeof source !== "object" || source === null) return;
  for (const [key, inner] of Object.entries(source)) {
    const into: unknown = Reflect.get(target, key);
    if (typeof inner !== "object" || inner === null) Reflect.set(target, key, inner);
    else if ((typeof into === "object" && into !== null) || typeof into === "function") merge(into, inner);
    else Reflect.set(target, key, inner);
  }
}

function isPolluting(value: unknown): value is object {
  return typeof value === "object" && value !== null && "polluted" in value;
}

function remembering(): Partial<Serializer> {
  let known: unknown;
  return {
    decode(received: Received, options) {
      const text = JSON.stringify([received.value, received.meta]);
      if (text !== '[{"value":"12345678901234567890"},{"types":["","value","bigint"]}]')
        return right.decode(received, options);
      return (known ??= right.decode(received, options));
    },
  };
}
