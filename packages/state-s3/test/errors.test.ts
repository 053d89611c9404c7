import { type FaultyProxy, faultyProxy, freePort } from "@skyburst/engines";
import { createServer } from "node:http";
import { once } from "node:events";
import { StoreError } from "@skyburst/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type S3Options, S3StoreError, s3 } from "../src/index.ts";
import { against, text, useCredentials } from "./server.ts";

/** What the first call on a store fails with, as its only line. */
async function failureOf(options: S3Options): Promise<StoreError> {
  const store = s3(options);
  const failure = await store.create("a/1", text("x")).catch((error: unknown) => error);
  await store.close?.();
  expect(failure).toBeInstanceOf(S3StoreError);
  expect(failure).toBeInstanceOf(StoreError);
  if (!(failure instanceof StoreError)) throw failure;
  expect(failure.message).not.toContain("\n");
  expect(failure.message).toContain(options.bucket);
  return failure;
}

await against("versitygw", (server) => {
  let bucket: string;
  beforeAll(async () => {
    bucket = await server().bucket();
  });
  beforeEach(() => useCredentials(server()));

  test("a bucket that is not there is not-found, by its name", async () => {
    const failure = await failureOf({ bucket: "no-such-bucket", endpoint: server().endpoint });
    expect(failure).toMatchObject({ code: "not-found", retryable: false });
    expect(failure.message).toContain("There is no bucket no-such-bucket; create it, or name another.");
  });

  test("credentials that the service doesn't know are permission", async () => {
    useCredentials({ accessKeyId: "somebody", secretAccessKey: "not-a-secret" });
    const failure = await failureOf({ bucket, endpoint: server().endpoint });
    expect(failure).toMatchObject({ code: "permission", retryable: false });
    expect(failure.message).toContain("check AWS_ACCESS_KEY_ID");
  });

  test("a wrong secret is permission, and says so", async () => {
    useCredentials({ accessKeyId: server().accessKeyId, secretAccessKey: "wrong" });
    const failure = await failureOf({ bucket, endpoint: server().endpoint });
    expect(failure).toMatchObject({ code: "permission", retryable: false });
    expect(failure.message).toContain("check the secret access key");
  });

  test("no credentials at all are permission, and say where they are looked for", async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    const failure = await failureOf({ bucket, endpoint: server().endpoint });
    expect(failure).toMatchObject({ code: "permission", retryable: false });
    expect(failure.message).toContain("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE");
  });

  test("a clock that is off by half an hour is set by the first answer", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30 * 60_000 });
    try {
      const store = s3({ bucket, endpoint: server().endpoint });
      expect(await store.create("skewed/1", text("x"))).toBe(true);
      expect(Math.abs(Date.now() - 30 * 60_000 - (await store.now()))).toBeLessThan(60_000);
      await store.close?.();
    } finally {
      vi.useRealTimers();
    }
  });

  describe("what AWS answers, played by a proxy", () => {
    let proxy: FaultyProxy;
    beforeAll(async () => {
      proxy = await faultyProxy(server().endpoint);
    });
    afterEach(() => {
      proxy.rule = () => undefined;
    });
    afterAll(() => proxy.stop());

    const headers = { date: new Date().toUTCString() };
    test.each([
      // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
      [400, "ExpiredToken", {}, "permission", "log in again"],
      [403, "AccessDenied", {}, "permission", "policy({ bucket, prefix })"],
      [403, "RequestTimeTooSkewed", headers, "permission", "The clock of this machine is off by 0 minutes; set it."],
      [301, "PermanentRedirect", { "x-amz-bucket-region": "eu-west-3" }, "option", 'give `region: "eu-west-3"`'],
      [400, "AuthorizationHeaderMalformed", { "x-amz-bucket-region": "eu-west-3" }, "option", "eu-west-3"],
      [501, "NotImplemented", {}, "unfit", "If-None-Match"],
      [507, "InsufficientStorage", {}, "full", "space"],
      [400, "InvalidBucketName", {}, "option", "name"],
      [403, "KMS.DisabledException", {}, "permission", "encryption"],
    ] as const)("%i %s", async (status, code, headers, expected, advice) => {
      proxy.rule = () => ({ status, code, headers });
      const failure = await failureOf({ bucket, endpoint: proxy.endpoint });
      expect(failure).toMatchObject({ code: expected, retryable: false });
      expect(failure.message).toContain(advice);
    });
  });
});

test("an endpoint where nobody has ever answered is unavailable, and not worth waiting for", async () => {
  useCredentials({ accessKeyId: "a", secretAccessKey: "b" });
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const failure = await failureOf({ bucket: "some-bucket", endpoint });
  expect(failure).toMatchObject({ code: "unavailable", retryable: false });
  expect(failure.message).toContain(`at ${endpoint}: Nothing answers there`);
});

test("a host that does not exist is unavailable, by its name", async () => {
  useCredentials({ accessKeyId: "a", secretAccessKey: "b" });
  const failure = await failureOf({ bucket: "some-bucket", endpoint: "http://nowhere.invalid" });
  expect(failure).toMatchObject({ code: "unavailable" });
  expect(failure.message).toContain("nowhere.invalid");
});

test("a server that is none of S3 is said to be none", async () => {
  useCredentials({ accessKeyId: "a", secretAccessKey: "b" });
  const server = createServer((_, answer) => void answer.end("<html><body>Welcome!</body></html>")).listen(0);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const failure = await failureOf({ bucket: "some-bucket", endpoint: `http://127.0.0.1:${port}` });
  expect(failure.retryable).toBe(false);
  server.close();
  server.closeAllConnections();
});

test("no region, where none can be guessed, names the option", async () => {
  useCredentials({ accessKeyId: "a", secretAccessKey: "b" });
  const failure = await failureOf({ bucket: "some-bucket" });
  expect(failure).toMatchObject({ code: "option" });
  expect(failure.message).toContain("give the option `region`, or set AWS_REGION");
});
