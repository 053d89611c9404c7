import { runInThisContext } from "node:vm";
import { serializer as right } from "@skyburst/core";
import { mapped } from "./fault.ts";
import type { BrokenSerializers } from "./fault.ts";

export const HOSTILE: BrokenSerializers = {
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
};

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
