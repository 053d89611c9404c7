import { serializer as right } from "@skyburst/core";
import type { BrokenSerializers } from "./fault.ts";

export const REFERENCE: BrokenSerializers = {
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
