import { storeSuite } from "@skyburst/conformance";
import { beforeAll, describe, test } from "vitest";
import { open, s3 } from "../src/index.ts";
import { against } from "./server.ts";

const suites = [
  { name: "versitygw", nesting: "refused", prefix: undefined },
  { name: "ministack", nesting: "unnoticed", prefix: undefined },
] as const;

for (const { name, nesting, prefix } of suites) {
  await against(name, (server) => {
    let bucket: string;
    beforeAll(async () => {
      bucket = await server().bucket();
    });
    const facts = { nesting, secrets: [process.env.AWS_SECRET_ACCESS_KEY ?? "not-a-secret"], open } as const;
    storeSuite({ describe, test }, () => s3({ bucket, prefix, endpoint: server().endpoint }), facts);
  });
}
