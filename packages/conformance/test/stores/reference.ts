import type { JsonObject } from "@skyburst/core";
import type { BrokenStores } from "./fault.ts";
import { memory } from "./memory-store.ts";

export const REFERENCE: BrokenStores = {
  "close that is there though it is said not to be": {
    fault: () => ({}),
    facts: { roles: [] },
    fails: ["roles: close is not there, as is stated"],
  },
  "a role that is stated and not there": {
    fault: () => ({}),
    facts: { roles: ["close", "rates"] },
    fails: [
      "roles: rates is there, as is stated",
      "roles: rates are prices of a unit, none below zero, and say whose they are",
    ],
  },
  "requests that are not counted": {
    fault: () => ({ requests: { create: 0, get: 0, list: 0, put: 0, delete: 0 } }),
    facts: { roles: ["close", "requests"] },
    fails: ["roles: requests counts what was sent, each under its kind"],
  },
  "rates per thousand, and of nobody": {
    fault: () => {
      const price = { amount: 0.005, currency: "USD", source: "" } as const;
      const request = { ...price, unit: "request" } as const;
      const requests = { create: request, get: request, list: request, put: request, delete: request };
      const transfer = { in: { ...price, unit: "GB" }, out: { ...price, unit: "GB" } } as const;
      return { rates: async () => ({ requests, storage: { ...price, unit: "GB-month" }, transfer }) };
    },
    facts: { roles: ["close", "rates"] },
    fails: ["roles: rates are prices of a unit, none below zero, and say whose they are"],
  },
  "credentials without a value": {
    fault: () => ({ credentials: async () => ({ AWS_ACCESS_KEY_ID: "" }) }),
    facts: { roles: ["close", "credentials"] },
    fails: ["roles: credentials are environment variables, and no part of the reference"],
  },
  "a signed URL to another object": {
    fault: () => ({ signedUrl: async () => "data:text/plain,two" }),
    facts: { roles: ["close", "signedUrl"] },
    fails: ["roles: signedUrl gives one object to whoever has it"],
  },
  "reference that holds a function": {
    fault: (right) => {
      const options = Object.assign(Object.create(null) as JsonObject, right.reference.options, { open: memory });
      return { reference: { ...right.reference, options: { ...options } } };
    },
    fails: ["the reference: is JSON"],
  },
  "reference that holds a secret": {
    fault: (right, place) => ({
      reference: {
        ...right.reference,
        options: { place: `${place}?password=hunter2` },
      },
    }),
    facts: { secrets: ["hunter2"] },
    fails: ["the reference: holds no secrets"],
  },
  "reference to another place": {
    fault: (right, place) => ({ reference: { ...right.reference, options: { place: `${place}-elsewhere` } } }),
    fails: ["the reference: opens the same store again"],
  },
  "reference to a path": {
    fault: (right) => ({ reference: { ...right.reference, module: "./memory.ts" } }),
    fails: ["the reference: names a module that is the same one everywhere"],
  },
  "rhythm that no lease survives": {
    fault: (right) => ({ pace: { ...right.pace, ttl: 60 } }),
    fails: ["the reference: comes with a rhythm that can be kept"],
  },
};
