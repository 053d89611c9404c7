import { randomBytes } from "node:crypto";
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { type FaultyProxy, faultyProxy } from "@skyburst/engines";
import type { StateStore } from "@skyburst/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { s3 } from "../src/index.ts";
import { against } from "./server.ts";

const MB = 2 ** 20;

for (const name of ["versitygw", "ministack"] as const) {
  await against(name, (server) => {
    let proxy: FaultyProxy;
    let store: StateStore;
    let bucket: string;
    const body = randomBytes(20 * MB);

    beforeAll(async () => {
      bucket = await server().bucket();
      proxy = await faultyProxy(server().endpoint);
      store = s3({ bucket, endpoint: proxy.endpoint });
      await store.now();
    });
    afterEach(() => {
      proxy.rule = () => undefined;
    });
    afterAll(async () => {
      await store.close?.();
      await proxy.stop();
    });

    /** Uploads whose parts still lie about. */
    async function unfinished(): Promise<number> {
      const client = new S3Client({ endpoint: server().endpoint, region: "us-east-1", forcePathStyle: true });
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      client.destroy();
      return Uploads.length;
    }

    test("a large body goes in parts, comes back whole, and is created once", async () => {
      const before = { ...store.requests };
      expect(await store.create("big/1", body, { exclusive: true })).toBe(true);
      // A look, a beginning, three parts of 8 MiB or less, an end.
      expect(store.requests?.get).toBe((before.get ?? 0) + 1);
      expect(store.requests?.create).toBe((before.create ?? 0) + 5);
      expect(Buffer.compare((await store.get("big/1")) ?? Buffer.alloc(0), body)).toBe(0);
      expect(await store.create("big/1", body)).toBe(true);
      const other = Buffer.from(body);
      other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
      expect(await store.create("big/1", other)).toBe(false);
      expect(await store.create("big/1", other.subarray(1))).toBe(false);
      expect(Buffer.compare((await store.get("big/1")) ?? Buffer.alloc(0), body)).toBe(0);
      // Nobody sends what is there already, or taken.
      expect(store.requests?.create).toBe((before.create ?? 0) + 5);
    });

    test("of several at once, one is true", async () => {
      const bodies = Array.from({ length: 4 }, () => randomBytes(9 * MB));
      const won = await Promise.all(bodies.map((body) => store.create("big/race", body, { exclusive: true })));
      const winners = bodies.filter((_, n) => won[n]);
      expect(winners).toHaveLength(1);
      expect(Buffer.compare((await store.get("big/race")) ?? Buffer.alloc(0), winners[0] ?? Buffer.alloc(0))).toBe(0);
    });

    test("no more than four parts are on their way at a time", async () => {
      let now = 0;
      let most = 0;
      const client = new S3Client({ endpoint: server().endpoint, region: "us-east-1", forcePathStyle: true });
      client.middlewareStack.add(
        (next, context) => async (args) => {
          if (context.commandName !== "UploadPartCommand") return next(args);
          most = Math.max(most, ++now);
          return next(args).finally(() => now--);
        },
        { step: "initialize" },
      );
      const borrowing = s3({ bucket, endpoint: server().endpoint, client });
      expect(await borrowing.create("big/many", randomBytes(60 * MB))).toBe(true);
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(4);
      client.destroy();
    });

    test("an end whose answer is lost is found to be its own", async () => {
      let lost = 0;
      proxy.rule = ({ method, path }) =>
        method === "POST" && path.includes("uploadId=") && lost++ === 0 ? "lost" : undefined;
      expect(await store.create("big/lost", body, { exclusive: true })).toBe(true);
      expect(Buffer.compare((await store.get("big/lost")) ?? Buffer.alloc(0), body)).toBe(0);
    });

    test("a conflict at the end starts the whole upload over", async () => {
      let conflicts = 0;
      proxy.rule = ({ method, path }) =>
        method === "POST" && path.includes("uploadId=") && conflicts++ === 0
          ? { status: 409, code: "ConditionalRequestConflict" }
          : undefined;
      const before = proxy.seen.length;
      expect(await store.create("big/conflict", body, { exclusive: true })).toBe(true);
      const parts = proxy.seen.slice(before).filter(({ path }) => path.includes("partNumber="));
      expect(parts).toHaveLength(6);
    });

    test("a part that is refused ends it", async () => {
      proxy.rule = ({ path }) => (path.includes("partNumber=3") ? { status: 403, code: "AccessDenied" } : undefined);
      await expect(store.create("big/refused", body)).rejects.toMatchObject({ code: "permission" });
      proxy.rule = () => undefined;
      expect(await store.get("big/refused")).toBeUndefined();
    });

    test("a large hint replaces what was there", async () => {
      await store.put("big/hint", body);
      await store.put("big/hint", body.subarray(MB));
      expect((await store.get("big/hint"))?.length).toBe(19 * MB);
    });

    test("nothing of all that has left parts behind", async () => {
      expect(await unfinished()).toBe(0);
    });
  });
}
