import { type StoreFacts, type StoreRole, storeSuite } from "@skyburst/conformance";
import { beforeAll, describe, test } from "vitest";
import { open, s3 } from "../src/index.ts";
import { against } from "./server.ts";

/** The tests that every store passes, on a server of this kind. */
export function contractOn(name: "versitygw" | "ministack", facts: StoreFacts): Promise<void> {
  return against(name, (server) => {
    let bucket: string;
    beforeAll(async () => {
      bucket = await server().bucket();
    });
    const roles: readonly StoreRole[] = ["close", "signedUrl", "requests", "rates", "credentials"];
    const all = { ...facts, roles, secrets: ["not-a-secret"], open };
    storeSuite({ describe, test }, () => s3({ bucket, endpoint: server().endpoint }), all);
  });
}
