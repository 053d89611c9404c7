import { faultyProxy } from "@skyburst/engines";
import { beforeEach, expect, test } from "vitest";
import { s3 } from "../src/index.ts";
import { against, read, text } from "./server.ts";

await against("s3rver", (server) => {
  test("a service that takes no notice of the condition is refused, with what failed", async () => {
    const bucket = await server().bucket();
    const store = s3({ bucket, endpoint: server().endpoint });
    const failures = await Promise.all([
      store.create("a/1", text("one")).catch((error: unknown) => error),
      store.get("a/1").catch((error: unknown) => error),
      store.now().catch((error: unknown) => error),
    ]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: "S3StoreError", code: "unfit", retryable: false });
      expect(String(failure)).toMatch(/of 32 creates of one key at the same time, \d+ were first/);
      expect(String(failure)).not.toContain("\n");
    }
    // Shared by calls at the same time, and never tried again.
    const { create } = store.requests ?? { create: 0 };
    await expect(store.get("a/1")).rejects.toMatchObject({ code: "unfit" });
    expect(store.requests?.create).toBe(create);
    await store.close?.();
  });
});

await against("versitygw", (server) => {
  let bucket: string;
  beforeEach(async () => {
    bucket = await server().bucket();
  });

  test("a service that keeps the contract is tested once per bucket and prefix", async () => {
    const first = s3({ bucket, endpoint: server().endpoint });
    expect(await first.get("a/1")).toBeUndefined();
    expect(first.requests?.create).toBeGreaterThan(100);
    expect(read(await first.get("selftest/1"))).toBe("passed\n");
    const keys: string[] = [];
    for await (const { entries } of first.list("selftest/")) keys.push(...entries.map(({ key }) => key));
    expect(keys).toEqual(["selftest/1"]);

    const second = s3({ bucket, endpoint: server().endpoint });
    await second.get("a/1");
    expect(second.requests).toEqual({ create: 0, get: 2, list: 0, put: 0, delete: 0 });

    const below = s3({ bucket, prefix: "team", endpoint: server().endpoint });
    await below.get("a/1");
    expect(read(await first.get("team/selftest/1"))).toBe("passed\n");
    for (const store of [first, second, below]) await store.close?.();
  });

  test("a test that was cut short by an outage is made again, and nothing is believed before", async () => {
    const proxy = await faultyProxy(server().endpoint);
    const store = s3({ bucket, endpoint: proxy.endpoint });
    proxy.rule = ({ method }) => (method === "PUT" ? "reset" : undefined);
    await expect(store.get("a/1")).rejects.toMatchObject({ name: "S3StoreError", retryable: true });
    proxy.rule = () => undefined;
    expect(await store.get("a/1")).toBeUndefined();
    expect(read(await store.get("selftest/1"))).toBe("passed\n");
    await store.close?.();
    await proxy.stop();
  });

  test("nothing is asked before the first call", async () => {
    const store = s3({ bucket, endpoint: server().endpoint });
    expect(store.requests).toEqual({ create: 0, get: 0, list: 0, put: 0, delete: 0 });
    await store.close?.();
    await expect(store.get("a/1")).rejects.toMatchObject({ code: "closed" });
  });

  test("a service that only the SDK's configuration knows of is tested before its first answer is believed", async () => {
    process.env.AWS_ENDPOINT_URL_S3 = server().endpoint;
    const { S3Client } = await import("@aws-sdk/client-s3");
    const client = new S3Client({ region: "us-east-1", forcePathStyle: true });
    const endpoint = process.env.AWS_ENDPOINT_URL_S3;
    delete process.env.AWS_ENDPOINT_URL_S3;
    const store = s3({ bucket, client });
    process.env.AWS_ENDPOINT_URL_S3 = endpoint;
    expect(await store.get("a/1")).toBeUndefined();
    expect(read(await store.get("selftest/1"))).toBe("passed\n");
    delete process.env.AWS_ENDPOINT_URL_S3;
    client.destroy();
  });
});
