import { storeSuite } from "@skyburst/conformance";
import { type S3Engine, unavailable, versitygw } from "@skyburst/engines";
import { afterAll, beforeAll, describe, test } from "vitest";
import { open, s3 } from "../src/index.ts";
import { useCredentialsOf } from "./environment.ts";

const missing = await unavailable("versitygw");

describe.skipIf(missing)(`on versitygw ${missing ?? ""}`, () => {
  let server: S3Engine;
  let bucket: string;
  beforeAll(async () => {
    server = await versitygw();
    useCredentialsOf(server);
    bucket = await server.bucket();
  });
  afterAll(() => server?.stop());

  const facts = { nesting: "refused", secrets: ["not-a-secret"], open } as const;
  storeSuite({ describe, test }, () => s3({ bucket, endpoint: server.endpoint }), facts);
});
