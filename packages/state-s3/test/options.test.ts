import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import { faultyProxy } from "@skyburst/engines";
import { type JsonObject, StoreError } from "@skyburst/core";
import { beforeEach, describe, expect, test } from "vitest";
import type * as source from "../src/index.ts";
import { open, s3, S3StoreError } from "../src/index.ts";
import { against, text, useCredentials } from "./server.ts";

const built: typeof source = await import(new URL("../dist/index.js", import.meta.url).href);

beforeEach(() => useCredentials({ accessKeyId: "a", secretAccessKey: "b" }));

describe("the reference", () => {
  test("holds all that a worker elsewhere needs, but credentials", () => {
    process.env.AWS_REGION = "eu-west-1";
    process.env.AWS_ENDPOINT_URL_S3 = "https://s3.example.com/";
    expect(s3({ bucket: "some-bucket", prefix: "team/jobs/" }).reference).toEqual({
      module: "@skyburst/state-s3",
      options: {
        bucket: "some-bucket",
        prefix: "team/jobs",
        region: "eu-west-1",
        endpoint: "https://s3.example.com",
        forcePathStyle: true,
      },
    });
  });

  test("makes the same store again, whatever the environment there says, also by the built package", () => {
    const options = {
      bucket: "some-bucket",
      prefix: "team",
      region: "eu-west-1",
      encryption: { kmsKeyId: "key" },
      pace: { ttl: 4000, poll: [10, 100] },
    } as const;
    const { reference, pace } = s3(options);
    process.env.AWS_REGION = "us-west-2";
    process.env.AWS_ENDPOINT_URL = "https://elsewhere.example.com";
    for (const again of [open(reference.options), built.open(JSON.parse(JSON.stringify(reference.options)))]) {
      expect(again.reference).toEqual(reference);
      expect(again.pace).toEqual(pace);
    }
    expect(pace).toEqual({ ttl: 4000, commitInterval: 20_000, poll: [10, 100], chunksPerSlot: 8 });
  });

  test.each([
    ["http://localhost:9", "http://loopback.invalid:9"],
    ["http://127.0.0.2:9", "http://loopback.invalid:9"],
    ["http://[::1]:9/path", "http://loopback.invalid:9/path"],
    ["http://service.invalid:9", "http://service.invalid:9"],
  ])("of %s is one of %s where the loopback is another machine's", async (endpoint, there) => {
    const { reference } = s3({ bucket: "some-bucket", endpoint });
    process.env.SKYBURST_LOOPBACK = "loopback.invalid";
    try {
      const again = open(reference.options);
      expect(again.reference).toEqual(reference);
      await expect(again.get("key")).rejects.toThrow(`s3://some-bucket at ${there}: Nothing answers there`);
    } finally {
      delete process.env.SKYBURST_LOOPBACK;
    }
  });

  test("is of AWS when nothing else is said: virtual hosts, the region of the environment", () => {
    expect(s3({ bucket: "some-bucket" }).reference.options).toEqual({ bucket: "some-bucket", forcePathStyle: false });
  });

  test("names a program that lies beside the built package", () => {
    const { program } = built.s3({ bucket: "some-bucket" });
    expect(program?.href).toBe(new URL("../dist/program.mjs", import.meta.url).href);
    expect(existsSync(program ?? "")).toBe(true);
  });
});

test.each<[string, JsonObject]>([
  ["bucket", {}],
  ["bucket", { bucket: "" }],
  ["bucket", { bucket: "a/b" }],
  ["directory bucket", { bucket: "jobs--use1-az4--x-s3" }],
  ["prefix", { bucket: "some-bucket", prefix: "/team" }],
  ["prefix", { bucket: "some-bucket", prefix: "a//b" }],
  ["prefix", { bucket: "some-bucket", prefix: `${"p".repeat(200)}/`.repeat(3) }],
  ["region", { bucket: "some-bucket", region: 7 }],
  ["endpoint", { bucket: "some-bucket", endpoint: "localhost:9000" }],
  ["endpoint", { bucket: "some-bucket", endpoint: "http://me:secret@localhost" }],
  ["forcePathStyle", { bucket: "some-bucket", forcePathStyle: "yes" }],
  ["encryption", { bucket: "some-bucket", encryption: "rot13" }],
  ["encryption", { bucket: "some-bucket", encryption: { kmsKeyId: "" } }],
  ["pace.ttl", { bucket: "some-bucket", pace: { ttl: 999 } }],
  ["pace.poll", { bucket: "some-bucket", pace: { poll: [2, 1] } }],
  ["pace.speed", { bucket: "some-bucket", pace: { speed: 1 } }],
  ["colour", { bucket: "some-bucket", colour: "red" }],
])("an option that cannot be is refused by its name: %s in %j", (name, options) => {
  const failure = expect.objectContaining({ code: "option", message: expect.stringContaining(name) });
  expect(() => open(options)).toThrow(failure);
});

// As a user has it, without what these tests have set for their own clients.
const { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: _, ...environment } = process.env;

test("the SDK is loaded by the first call, not before", async () => {
  const program = `
    import { createRequire } from "node:module";
    const { cache } = createRequire(import.meta.url);
    const loaded = () => Object.keys(cache).some((path) => path.includes("@aws-sdk"));
    const { s3 } = await import(${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)});
    const store = s3({ bucket: "some-bucket", endpoint: "http://127.0.0.1:1" });
    const before = loaded();
    await store.get("a").catch(() => undefined);
    console.log(before, loaded());`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    env: environment,
  });
  expect(stdout).toBe("false true\n");
  // On Node 20 the SDK has something to say, which is not for a library's user.
  expect(stderr).toBe("");
});

test("a password in an endpoint is not repeated in the refusal", () => {
  expect(() => s3({ bucket: "some-bucket", endpoint: "http://me:hidden@localhost" })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hidden") }),
  );
});

test("errors are those of core, with a name of their own", () => {
  for (const error of [new S3StoreError("full", "m"), new built.S3StoreError("full", "m")]) {
    expect(error).toBeInstanceOf(StoreError);
    expect(error.name).toBe("S3StoreError");
  }
});

test("keys that no S3 listing can show, or that are too long with the prefix, are refused", async () => {
  const store = s3({ bucket: "some-bucket", prefix: "p".repeat(200), region: "us-east-1" });
  const long = `${"k".repeat(250)}/`.repeat(3) + "k".repeat(100);
  for (const key of ["a\u0001b", "a\nb", "a\uffff", long])
    await expect(store.get(key)).rejects.toMatchObject({ code: "invalid-key" });
});

await against("versitygw", (server) => {
  test.each([
    ["AES256", { "x-amz-server-side-encryption": "AES256" }],
    ["aws:kms", { "x-amz-server-side-encryption": "aws:kms" }],
    [
      { kmsKeyId: "some-key" },
      { "x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "some-key" },
    ],
  ] as const)("encryption %j is asked for with every object that is made", async (encryption, headers) => {
    useCredentials(server());
    const bucket = await server().bucket();
    const proxy = await faultyProxy(server().endpoint);
    const plain = s3({ bucket, endpoint: server().endpoint });
    await plain.now();
    const store = s3({ bucket, endpoint: proxy.endpoint, encryption });
    // Whether the server can is of no interest here.
    await store.create("a/1", text("x")).catch(() => undefined);
    await store.put("a/2", text("x")).catch(() => undefined);
    await store.create("a/3", new Uint8Array(9_000_000)).catch(() => undefined);
    const made = proxy.seen.filter(
      ({ method, path }) => /\?uploads/.test(path) || (method === "PUT" && !path.includes("partNumber=")),
    );
    expect(made.length).toBeGreaterThan(2);
    for (const seen of made) expect(seen.headers).toMatchObject(headers);
    await store.close?.();
    await plain.close?.();
    await proxy.stop();
  });

  test("a client that is passed in is used and left open", async () => {
    useCredentials(server());
    const bucket = await server().bucket();
    const client = new S3Client({ endpoint: server().endpoint, region: "us-east-1", forcePathStyle: true });
    const before = client.middlewareStack.identify();
    for (let round = 0; round < 2; round++) {
      const store = s3({ bucket, client, endpoint: server().endpoint });
      expect(await store.create("a/1", text("x"))).toBe(true);
      expect(await store.create("a/1", text("y"), { exclusive: true })).toBe(false);
      expect(await store.now()).toBeGreaterThan(Date.UTC(2020));
      await store.close?.();
    }
    expect(client.middlewareStack.identify()).toEqual(before);
    client.destroy();
  });

  test("a client that repeats by itself: its own write is told from another's, and each try is counted", async () => {
    useCredentials(server());
    const bucket = await server().bucket();
    const proxy = await faultyProxy(server().endpoint);
    const client = new S3Client({ endpoint: proxy.endpoint, region: "us-east-1", forcePathStyle: true });
    const store = s3({ bucket, client, endpoint: proxy.endpoint });
    await store.now();
    const before = store.requests?.create ?? 0;
    let lost = 0;
    proxy.rule = ({ method }) => (method === "PUT" && lost++ === 0 ? "lost" : undefined);
    expect(await store.create("a/1", text("mine"), { exclusive: true })).toBe(true);
    expect(store.requests?.create).toBe(before + 2);
    await store.close?.();
    client.destroy();
    await proxy.stop();
  });

  test("a signed URL gives one object to whoever has it, until it expires", async () => {
    useCredentials(server());
    const bucket = await server().bucket();
    const client = new S3Client({ endpoint: server().endpoint, region: "us-east-1", forcePathStyle: true });
    for (const store of [
      s3({ bucket, endpoint: server().endpoint }),
      s3({ bucket, endpoint: server().endpoint, client }),
    ]) {
      await store.create("program/a b", text("the program"));
      const url = (await store.signedUrl?.("program/a b", { expires: 60_000 })) ?? "";
      expect(await (await fetch(url)).text()).toBe("the program");
      expect((await fetch(url.replace("program/a", "program/b"))).status).toBe(403);
      expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("60");
      await expect(store.signedUrl?.("a", { expires: 10 })).rejects.toMatchObject({ code: "option" });
      await expect(store.signedUrl?.("/a", { expires: 10_000 })).rejects.toMatchObject({ code: "invalid-key" });
      await store.close?.();
    }
    client.destroy();
  });
});
