import { serializer as right } from "@skyburst/core";
import { encode } from "./fault.ts";
import type { BrokenSerializers } from "./fault.ts";

export const FORM: BrokenSerializers = {
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
};

function random(): number {
  return Math.floor(Math.random() * 1_000_000);
}
