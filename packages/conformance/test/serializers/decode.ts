import { serializer as right } from "@skyburst/core";
import type { Received, Serializer } from "@skyburst/core";
import type { BrokenSerializers } from "./fault.ts";

export const DECODE: BrokenSerializers = {
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
};

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
