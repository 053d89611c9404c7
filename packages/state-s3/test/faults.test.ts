import { type FaultyProxy, faultyProxy, type Fault } from "@skyburst/engines";
import type { StateStore } from "@skyburst/core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { s3 } from "../src/index.ts";
import { against, read, text } from "./server.ts";

await against("versitygw", (server) => {
  let proxy: FaultyProxy;
  let store: StateStore;
  /** The same place, without the proxy. */
  let direct: StateStore;
  let bucket: string;

  beforeAll(async () => {
    bucket = await server().bucket();
    proxy = await faultyProxy(server().endpoint);
    direct = s3({ bucket, endpoint: server().endpoint });
  });
  beforeEach(async () => {
    store = s3({ bucket, endpoint: proxy.endpoint });
    // Known to be fit before anything goes wrong.
    await store.get("nothing");
    proxy.seen.length = 0;
  });
  afterEach(async () => {
    proxy.rule = () => undefined;
    await store.close?.();
    for await (const { entries } of direct.list("a/")) await direct.delete(entries.map(({ key }) => key));
  });
  afterAll(async () => {
    await direct.close?.();
    await proxy.stop();
  });

  /** The first requests of a method on an object meet a fault each. */
  function onFirst(method: string, ...faults: readonly Fault[]): void {
    const left = [...faults];
    proxy.rule = (request) => (request.method === method ? left.shift() : undefined);
  }
  const methods = () => proxy.seen.map(({ method }) => method);

  for (const exclusive of [true, false]) {
    test(`a create whose answer is lost after the write finds its own bytes (exclusive: ${exclusive})`, async () => {
      onFirst("PUT", "lost");
      expect(await store.create("a/1", text("mine"), { exclusive })).toBe(true);
      expect(methods()).toEqual(["PUT", "PUT", "GET"]);
      expect(read(await direct.get("a/1"))).toBe("mine");
    });

    test(`a create whose answer is lost because the key was taken is false (exclusive: ${exclusive})`, async () => {
      await direct.create("a/1", text("theirs"));
      onFirst("PUT", "lost", "lost");
      expect(await store.create("a/1", text("mine"), { exclusive })).toBe(false);
      expect(methods()).toEqual(["PUT", "PUT", "PUT", "GET"]);
      expect(read(await direct.get("a/1"))).toBe("theirs");
    });
  }

  test("a first 412 is compared only where the caller may be repeating itself", async () => {
    await direct.create("a/1", text("mine"));
    expect(await store.create("a/1", text("mine"), { exclusive: true })).toBe(false);
    expect(methods()).toEqual(["PUT"]);
    expect(await store.create("a/1", text("mine"))).toBe(true);
    expect(await store.create("a/1", text("other"))).toBe(false);
    expect(methods()).toEqual(["PUT", "PUT", "GET", "PUT", "GET"]);
    expect(store.requests).toMatchObject({ create: expect.any(Number), get: expect.any(Number) });
  });

  test("a connection that breaks before the server heard anything costs a retry", async () => {
    onFirst("PUT", "reset", "reset");
    expect(await store.create("a/1", text("mine"), { exclusive: true })).toBe(true);
    expect(methods()).toEqual(["PUT", "PUT", "PUT"]);
    onFirst("GET", "reset");
    expect(read(await store.get("a/1"))).toBe("mine");
    onFirst("POST", "reset");
    await store.delete(["a/1"]);
    expect(await direct.get("a/1")).toBeUndefined();
  });

  test("a write that lands after it was given up is found by its repetition", async () => {
    onFirst("PUT", { late: 30 });
    expect(await store.create("a/1", text("mine"), { exclusive: true })).toBe(true);
    expect(read(await direct.get("a/1"))).toBe("mine");
  });

  test("409 is retried, and what is there then is compared", async () => {
    onFirst("PUT", { status: 409, code: "ConditionalRequestConflict" });
    expect(await store.create("a/1", text("mine"), { exclusive: true })).toBe(true);
    proxy.seen.length = 0;
    onFirst("PUT", { status: 409, code: "ConditionalRequestConflict" });
    expect(await store.create("a/1", text("mine"), { exclusive: true })).toBe(true);
    expect(methods()).toEqual(["PUT", "PUT", "GET"]);
  });

  test("a storm of 503 is waited out by every operation", async () => {
    const storm = () => {
      const before = proxy.seen.length;
      proxy.rule = ({ count }) => (count < before + 3 ? { status: 503, code: "SlowDown" } : undefined);
    };
    storm();
    expect(await store.create("a/1", text("one"), { exclusive: true })).toBe(true);
    storm();
    expect(read(await store.get("a/1"))).toBe("one");
    storm();
    await store.put("a/2", text("two"));
    storm();
    const keys: string[] = [];
    for await (const { entries } of store.list("a/")) keys.push(...entries.map(({ key }) => key));
    expect(keys).toEqual(["a/1", "a/2"]);
    storm();
    await store.delete(keys);
    expect(await direct.get("a/1")).toBeUndefined();
  });

  test("a service that only says it is busy is unavailable: nothing took effect", async () => {
    proxy.rule = () => ({ status: 503, code: "SlowDown" });
    await expect(store.create("a/1", text("x"))).rejects.toMatchObject({
      name: "S3StoreError",
      code: "unavailable",
      retryable: true,
      message: expect.stringContaining("slow down"),
    });
  });

  test("a create that nobody answers is unknown, and the same create settles it", async () => {
    proxy.rule = ({ method }) => (method === "PUT" ? "lost" : undefined);
    const failure = await store.create("a/1", text("mine"), { exclusive: true }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "S3StoreError", code: "unknown", retryable: true });
    expect(String(failure)).toContain("create it again to know");
    proxy.rule = () => undefined;
    expect(await store.create("a/1", text("mine"))).toBe(true);
  });

  test("what can't be told apart after a lost answer is unknown, not false", async () => {
    proxy.rule = ({ method }) => (method === "PUT" ? "lost" : "reset");
    await expect(store.create("a/1", text("mine"))).rejects.toMatchObject({ code: "unknown" });
  });

  test("a slow network changes nothing", async () => {
    proxy.rule = () => ({ delay: 500 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.create("a/1", text(`writer ${n}`), { exclusive: true })),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(Math.abs((await store.now()) - (await direct.now()))).toBeLessThanOrEqual(2500);
  });

  test("a create that is given up is unknown, and other calls are closed", async () => {
    let arrived = () => {};
    const there = new Promise<void>((resolve) => (arrived = resolve));
    proxy.rule = () => {
      arrived();
      return { delay: 200 };
    };
    const stop = new AbortController();
    const created = store.create("a/1", text("x"), { signal: stop.signal }).catch((error: unknown) => error);
    const got = store.get("a/1", { signal: stop.signal }).catch((error: unknown) => error);
    await there;
    stop.abort();
    expect(await created).toMatchObject({ code: "unknown" });
    expect(await got).toMatchObject({ code: "closed" });
  });

  test("closing ends what is under way", async () => {
    let arrived = () => {};
    const there = new Promise<void>((resolve) => (arrived = resolve));
    proxy.rule = () => {
      arrived();
      return { delay: 2000 };
    };
    const got = store.get("a/1").catch((error: unknown) => error);
    await there;
    await store.close?.();
    expect(await got).toMatchObject({ code: "closed" });
  });

  test("keys that a batch could not delete are tried again, and one that may not be is named", async () => {
    for (const n of [1, 2, 3]) await direct.create(`a/${n}`, text("x"));
    onFirst("POST", { status: 500, code: "InternalError" });
    await store.delete(["a/1", "a/2", "a/3"]);
    // What services from before 2025 ask for, and others check.
    expect(proxy.seen.at(-1)?.headers["content-md5"]).toMatch(/^[\w+/]{22}==$/);
    for (const n of [1, 2, 3]) expect(await direct.get(`a/${n}`)).toBeUndefined();
  });
});
