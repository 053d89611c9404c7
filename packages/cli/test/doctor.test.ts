import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type S3Engine, s3rver, unavailable, versitygw } from "@skyburst/engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkMachine } from "../src/doctor/check-machine.ts";
import { parsed, place, skyburst } from "./skyburst.ts";

/** What became of each check, by subject and name. */
function results(stdout: string): Record<string, unknown> {
  return Object.fromEntries(
    parsed(stdout).map(({ subject, name, result }) => [`${String(subject)}: ${String(name)}`, result]),
  );
}

const contract = [
  "store: create: of many at once, exactly one is first",
  "store: create: the same bytes are welcome again, others are not",
  "store: list: shows an object as soon as it is created",
  "store: list: goes by the bytes of keys, from any key on",
  "store: list: tells times on one clock",
  "store: delete: takes an object away, and frees its key",
];
const everything = [
  "machine: Node",
  "store: answers",
  ...contract,
  "store: latency",
  "backend: lists workers",
  "backend: has room",
  "backend: starts a worker that works",
];

describe("skyburst doctor", () => {
  test("tries machine, store and backend, and leaves no session behind", async () => {
    const cwd = place();
    const { stdout, stderr, exitCode } = await skyburst(cwd, ["doctor"]);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toMatch(
      /^This machine\n {2}ok {6}Node: v\d+.*\nThe store: \S+\/\.skyburst\n( {2}ok {6}.*\n){8}The backend: local\n( {2}ok {6}.*\n){3}All is well\.\n$/,
    );
    expect(stdout).toMatch(
      /latency: create [\d.]+ ms, get [\d.]+ ms, list [\d.]+ ms, put [\d.]+ ms, delete [\d.]+ ms\n/,
    );
    expect(stdout).toMatch(/starts a worker that works: after [\d.]+ m?s, on Node v\d+/);
    expect((await skyburst(cwd, ["ls", "--json"])).stdout).toBe("");
    expect(readdirSync(join(cwd, ".skyburst")).filter((name) => !name.startsWith("."))).toEqual(["selftest"]);
  });

  test("tells each check as a line of JSON", async () => {
    const { stdout, exitCode } = await skyburst(place(), ["doctor", "--json"]);
    expect(exitCode).toBe(0);
    expect(results(stdout)).toEqual(Object.fromEntries(everything.map((name) => [name, "ok"])));
  });

  test("says what to do about a store that can't be used, and tries nothing that needs it", async () => {
    const { stdout, exitCode } = await skyburst(place({ taken: "a file" }), ["doctor", "--json", "--store", "taken"]);
    expect(exitCode).toBe(1);
    expect(results(stdout)).toEqual({
      "machine: Node": "ok",
      "store: answers": "failed",
      "store: contract": "skipped",
      "store: latency": "skipped",
      "backend: lists workers": "ok",
      "backend: has room": "ok",
      "backend: starts a worker that works": "skipped",
    });
    expect(parsed(stdout).find(({ name }) => name === "answers")?.detail).toMatch(/taken.*remove it, or name another/);
  });

  test("names the part of the contract that a store breaks", async () => {
    const config = `
      const objects = new Map();
      export default { store: {
        reference: { module: "broken", options: {} }, pace: { ttl: 1000, commitInterval: 100, poll: [1, 10], chunksPerSlot: 1 },
        async create(key, body) { objects.set(key, body); return true; },
        async get(key) { return objects.get(key); },
        async *list(prefix, { after = "" } = {}) {
          const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
          yield { now: 0, entries: keys.map((key) => ({ key, size: objects.get(key).length, modified: 0 })) };
        },
        async put(key, body) { objects.set(key, body); },
        async delete(keys) { for (const key of keys) objects.delete(key); },
        async now() { return 0; },
      } };`;
    const { stdout, exitCode } = await skyburst(place({ "broken.mjs": config }), ["doctor", "--config", "broken.mjs"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /FAILED {2}create: of many at once, exactly one is first: of 32 creates of one key at the same time, 32 were first\. It can't carry a session: use another store\.\n/,
    );
    expect(stdout).toMatch(/answers: after [\d.]+ ms; its clock is \d+ s behind this machine's\n/);
    expect(stdout).toMatch(/ {2}- {7}starts a worker that works: the store has to be fit first\n2 failed\.\n$/);
  });

  test("says why no worker comes", async () => {
    const local = JSON.stringify(new URL(import.meta.resolve("@skyburst/backend-local")).pathname);
    const config = `
      import { local } from ${local};
      const refused = [{ slot: 0, kind: "permission", message: "the role may not start tasks: give it ecs:RunTask." }];
      export default { backend: { ...local(), capacity: async () => 0, launch: async () => ({ started: [], refused }) } };`;
    const { stdout, exitCode } = await skyburst(place({ "poor.mjs": config }), ["doctor", "--config", "poor.mjs"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("FAILED  has room: no more worker can start now");
    expect(stdout).toMatch(/FAILED {2}starts a worker that works: No worker can be started on local: .*ecs:RunTask/);
  });

  test.each([
    ["v20.19.0", "ok"],
    ["v24.1.0", "ok"],
    ["v20.18.3", "failed"],
    ["v18.20.0", "failed"],
  ])("takes Node %s for %s", async (version, result) => {
    for await (const check of checkMachine(version)) expect(check).toMatchObject({ result });
  });

  test("is a mistake on the command line where it is one", async () => {
    expect(await skyburst(place(), ["doctor", "--store", "s3://"])).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await skyburst(place(), ["doctor", "--config", "none.ts"])).toMatchObject({ exitCode: 2, stdout: "" });
  });
});

const on = (server: S3Engine, bucket: string): [string[], { env: Record<string, string> }] => [
  ["doctor", "--json", "--store", `s3://${bucket}?endpoint=${server.endpoint}`],
  {
    env: {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
    },
  },
];

const missing = await unavailable("versitygw");

describe.skipIf(missing)(`skyburst doctor on versitygw ${missing ?? ""}`, () => {
  let server: S3Engine;
  beforeAll(async () => {
    server = await versitygw();
  });
  afterAll(() => server?.stop());

  test("finds nothing wrong", async () => {
    const { stdout, exitCode } = await skyburst(place(), ...on(server, await server.bucket()));
    expect(results(stdout)).toEqual(Object.fromEntries(everything.map((name) => [name, "ok"])));
    expect(exitCode).toBe(0);
  });

  test("tells a bucket that is not there, and credentials that are wrong", async () => {
    const none = await skyburst(place(), ...on(server, "no-such-bucket"));
    expect(parsed(none.stdout)[1]).toMatchObject({
      name: "answers",
      result: "failed",
      detail: expect.stringContaining("no-such-bucket"),
    });
    const wrong = await skyburst(place(), ...on({ ...server, secretAccessKey: "wrong" }, await server.bucket()));
    expect(parsed(wrong.stdout)[1]).toMatchObject({ name: "answers", result: "failed" });
    expect([none.exitCode, wrong.exitCode]).toEqual([1, 1]);
  });
});

describe("skyburst doctor on s3rver", () => {
  let server: S3Engine;
  beforeAll(async () => {
    server = await s3rver();
  });
  afterAll(() => server?.stop());

  test("refuses a service that takes no notice of the condition, and says so", async () => {
    const { stdout, exitCode } = await skyburst(place(), ...on(server, await server.bucket()));
    expect(exitCode).toBe(1);
    expect(parsed(stdout)[1]).toMatchObject({
      name: "answers",
      result: "failed",
      detail: expect.stringMatching(
        /can't carry a session, use another: of 32 creates of one key at the same time, \d+ were first/,
      ),
    });
    expect(results(stdout)).toMatchObject({ "backend: starts a worker that works": "skipped" });
  });
});
