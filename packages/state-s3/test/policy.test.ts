import { ListMultipartUploadsCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { faultyProxy, type Versitygw, versitygw, unavailable } from "@skyburst/engines";
import type { StateStore } from "@skyburst/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policy, type Policy, s3 } from "../src/index.ts";
import { text, useCredentials } from "./server.ts";

test("names the objects below the prefix, the listing of it, and the key", () => {
  expect(policy({ bucket: "jobs", prefix: "team/", kmsKeyArn: "arn:aws:kms:eu-west-1:1:key/k" })).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "SkyburstObjects",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
        Resource: "arn:aws:s3:::jobs/team/*",
      },
      {
        Sid: "SkyburstList",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: "arn:aws:s3:::jobs",
        Condition: { StringLikeIfExists: { "s3:prefix": ["team/*"] } },
      },
      {
        Sid: "SkyburstKey",
        Effect: "Allow",
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Resource: "arn:aws:kms:eu-west-1:1:key/k",
      },
    ],
  });
  expect(policy({ bucket: "jobs" }).Statement.map(({ Resource }) => Resource)).toEqual([
    "arn:aws:s3:::jobs/*",
    "arn:aws:s3:::jobs",
  ]);
});

const missing = await unavailable("versitygw");

describe.skipIf(missing)(`for a user of versitygw who is allowed nothing else${missing ? `: ${missing}` : ""}`, () => {
  let server: Versitygw;
  let root: S3Client;
  beforeAll(async () => {
    server = await versitygw();
    await server.admin("create-user", "--access", "worker", "--secret", "workers-secret", "--role", "user");
    useCredentials(server);
    root = new S3Client({ endpoint: server.endpoint, region: "us-east-1", forcePathStyle: true });
    await root.config.credentials();
    useCredentials({ accessKeyId: "worker", secretAccessKey: "workers-secret" });
  });
  afterAll(async () => {
    root?.destroy();
    await server?.stop();
  });

  /** A store of the user's in a new bucket, and the policy attached to the bucket in the user's name. */
  async function allowed({ Version, Statement }: Policy, bucket: string): Promise<StateStore> {
    const granted = Statement.filter(({ Action }) => Action.length > 0).map((statement) => ({
      ...statement,
      Principal: { AWS: ["worker"] },
    }));
    const Policy = JSON.stringify({ Version, Statement: granted });
    await root.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    return s3({ bucket, prefix: "team", endpoint: server.endpoint });
  }

  function without({ Version, Statement }: Policy, action: string): Policy {
    return {
      Version,
      Statement: Statement.map((it) => ({ ...it, Action: it.Action.filter((each) => each !== action) })),
    };
  }

  /** Everything that the store does. */
  async function everything(store: StateStore): Promise<void> {
    await store.create("a/1", text("one"));
    await store.create("a/1", text("two"));
    await store.get("a/2");
    await store.put("a/3", text("three"));
    await store.create("a/4", new Uint8Array(9_000_000));
    for await (const page of store.list("a/")) expect(page.entries).toHaveLength(3);
    await store.delete(["a/1", "a/3", "a/4"]);
    await store.now();
  }

  /** A large body whose last part does not get through. */
  async function givenBack(bucket: string): Promise<number> {
    const proxy = await faultyProxy(server.endpoint);
    const store = s3({ bucket, prefix: "team", endpoint: proxy.endpoint });
    proxy.rule = ({ path }) => (path.includes("partNumber=2") ? { status: 507, code: "Full" } : undefined);
    await store.create("a/5", new Uint8Array(9_000_000)).catch(() => undefined);
    await store.close?.();
    await proxy.stop();
    const { Uploads = [] } = await root.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.length;
  }

  test("it is enough, below the prefix and nowhere else", async () => {
    const bucket = await server.bucket();
    const store = await allowed(policy({ bucket, prefix: "team" }), bucket);
    await everything(store);
    expect(await givenBack(bucket)).toBe(0);
    const elsewhere = s3({ bucket, prefix: "other", endpoint: server.endpoint });
    await expect(elsewhere.get("a/1")).rejects.toMatchObject({ code: "permission" });
    for (const each of [store, elsewhere]) await each.close?.();
  });

  test.each(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"])(
    "it is needed: without %s something is refused",
    async (action) => {
      const bucket = await server.bucket();
      const store = await allowed(without(policy({ bucket, prefix: "team" }), action), bucket);
      await expect(everything(store)).rejects.toMatchObject({ code: "permission" });
      await store.close?.();
    },
  );

  test("it is needed: without s3:AbortMultipartUpload parts that failed lie about", async () => {
    const bucket = await server.bucket();
    const whole = policy({ bucket, prefix: "team" });
    const store = await allowed(without(whole, "s3:AbortMultipartUpload"), bucket);
    await everything(store);
    expect(await givenBack(bucket)).toBe(1);
    await store.close?.();
  });
});
