import { cpSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type S3Engine, unavailable, versitygw } from "@skyburst/engines";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processesOf, until } from "./detached.ts";
import { bin, parsed, place, skyburst } from "./skyburst.ts";

const missing = await unavailable("versitygw");

describe.skipIf(missing)(`--store s3:// on versitygw ${missing ?? ""}`, () => {
  let server: S3Engine;
  let store: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await versitygw();
    store = `s3://${await server.bucket()}/team/jobs?endpoint=${encodeURIComponent(server.endpoint)}&region=us-east-1`;
    env = {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
    };
  });
  afterAll(() => server?.stop());

  const called = async (cwd: string, ...args: readonly string[]) =>
    skyburst(cwd, [...args.slice(0, 1), "--store", store, ...args.slice(1)], { env });

  test("map, each and run work there, and what they leave is found there by ls, status, collect and logs", async () => {
    const cwd = place({ "task.ts": "export const twice = (n: number) => 2 * n;", "in.jsonl": "1\n2\n3\n" });
    const mapped = await called(cwd, "map", "task.ts#twice", "in.jsonl", "--name", "doubles");
    expect({ stderr: mapped.stderr, exitCode: mapped.exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(parsed(mapped.stdout).map(({ value }) => value)).toEqual([2, 4, 6]);
    const each = await called(cwd, "each", "in.jsonl", "--name", "echoes", "--", "echo", "got", "{}");
    expect(each.stdout).toBe("got 1\ngot 2\ngot 3\n");
    const ran = await called(cwd, "run", "--name", "fails", "--", "sh", "-c", "echo out; exit 3");
    expect([ran.stdout, ran.exitCode]).toEqual(["out\n", 3]);
    // The newest first.
    expect(parsed((await called(cwd, "ls", "--json")).stdout).map(({ name }) => name)).toEqual([
      "fails",
      "echoes",
      "doubles",
    ]);
    const [status] = parsed((await called(cwd, "status", "doubles", "--json")).stdout);
    expect(status).toMatchObject({
      state: "done",
      succeeded: 3,
      usage: { unheard: 0, requests: { delete: expect.any(Number) } },
    });
    // What this service bills is not known, which is not the same as free.
    expect(status?.usage).not.toHaveProperty("cost");
    expect((await called(cwd, "collect", "doubles")).stdout).toBe(mapped.stdout);
    expect((await called(cwd, "logs", "echoes")).stdout).toBe("got 1\ngot 2\ngot 3\n");
  });

  test("what opens the store may be a secret of tasks as well", async () => {
    const cwd = place({
      "task.ts": "export const key = (_: number) => process.env.AWS_SECRET_ACCESS_KEY?.length;",
      "in.jsonl": "1\n",
    });
    const asked = ["--secret", "AWS_ACCESS_KEY_ID", "--secret", "AWS_SECRET_ACCESS_KEY"];
    const mapped = await called(cwd, "map", ...asked, "task.ts#key", "in.jsonl");
    expect(mapped).toMatchObject({ stdout: expect.stringContaining(`"value":${server.secretAccessKey.length},`) });
    const submitted = await called(cwd, "submit", ...asked, "task.ts#key", "in.jsonl");
    expect(submitted).toMatchObject({ exitCode: 0, stderr: "" });
    const collected = await called(cwd, "collect", submitted.stdout.trim(), "--wait", ...asked);
    expect(parsed(collected.stdout)).toMatchObject([{ value: server.secretAccessKey.length }]);
  });

  test("a job that is submitted there is found, collected, run again and removed from another machine", async () => {
    const here = place({
      "task.ts":
        "export const odd = (n: number, { attempt }: { attempt: number }) => { if (n % 2 === 0) throw new Error(`at ${attempt}`); return n; };",
      "in.jsonl": "1\n2\n3\n",
    });
    const submit = await called(here, "submit", "task.ts#odd", "in.jsonl", "--name", "away");
    expect({ stderr: submit.stderr, exitCode: submit.exitCode }).toEqual({ stderr: "", exitCode: 0 });
    const id = submit.stdout.trim();
    const there = place();
    const attached = await called(there, "attach", "away", "--quiet");
    expect(parsed(attached.stdout).map(({ status }) => status)).toEqual(["succeeded", "failed", "succeeded"]);
    expect(attached.exitCode).toBe(1);
    expect((await called(there, "retry", id)).stderr).toBe(`skyburst: 1 task of ${id} runs again\n`);
    const [again] = parsed((await called(there, "collect", id, "--wait", "--failed")).stdout);
    expect(again).toMatchObject({ task: 1, status: "failed", attempts: 1 });
    expect((await called(there, "rm", id)).exitCode).toBe(0);
    await until(() => processesOf([id]).length === 0, "everything ends");
    expect(parsed((await called(there, "ls", "--json")).stdout).map((session) => session.id)).not.toContain(id);
  });

  test("ls names the place when nothing is there, and a bucket that is not there is told in one line", async () => {
    const empty = await skyburst(place(), ["ls", "--store", store.replace("team/jobs", "nothing/here")], { env });
    expect(empty.stderr).toMatch(/^skyburst: no sessions in s3:\/\/\S+\/nothing\/here\?endpoint=\S+\n$/);
    const none = await skyburst(place(), ["ls", "--store", store.replace("s3://tests-", "s3://none-")], { env });
    expect(none.stderr).toMatch(/^skyburst: .*none-.*\n$/);
    expect(none.exitCode).not.toBe(0);
  });
});

describe("--store s3://", () => {
  test.each([
    ["s3://", "there is no bucket in it. Give s3://bucket/prefix."],
    ["s3:///jobs", "there is no bucket in it. Give s3://bucket/prefix."],
    ["s3:jobs", "there is no bucket in it. Give s3://bucket/prefix."],
    [
      "s3://jobs?endpont=http://x",
      'there is no option "endpont". Did you mean endpoint? There are endpoint, region, forcePathStyle.',
    ],
    ["s3://jobs?credentials=x", 'there is no option "credentials". There are endpoint, region, forcePathStyle.'],
    ["s3://jobs?region=", "region has no value."],
    ["s3://jobs?forcePathStyle=yes", 'forcePathStyle is "yes": give true or false.'],
    ["s3://jobs/50%", "the prefix has a % that is no escape. Write %25 for a percent sign."],
    [
      "s4://jobs",
      "there is no store for s4: to be named here. Did you mean s3? Give a directory (a path, or file:///path) or s3://bucket/prefix, or compose the store in skyburst.config.ts.",
    ],
  ])("%s is refused in one line, with exit code 2", async (store, why) => {
    const { stdout, stderr, exitCode } = await skyburst(place(), ["ls", "--store", store]);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: "",
      stderr: `skyburst: --store ${store}: ${why}\n`,
      exitCode: 2,
    });
  });

  test("says what to install where the package for S3 is not", async () => {
    const elsewhere = place();
    cpSync(dirname(bin), join(elsewhere, "dist"), { recursive: true });
    writeFileSync(join(elsewhere, "package.json"), '{ "type": "module" }');
    // What package managers put there, Node would look through as well.
    const ended = await execa(process.execPath, [join(elsewhere, "dist", "bin.cjs"), "ls", "--store", "s3://jobs"], {
      cwd: elsewhere,
      reject: false,
      env: { NODE_PATH: undefined },
    });
    expect(ended.stderr).toBe(
      "skyburst: --store s3://jobs: the package for S3 is not installed. Run: npm install @skyburst/state-s3",
    );
    expect(ended.exitCode).toBe(2);
  });

  test("what the store itself refuses is a mistake on the command line, too", async () => {
    const { stderr, exitCode } = await skyburst(place(), ["ls", "--store", "s3://jobs?endpoint=nonsense"]);
    expect(stderr).toMatch(/^skyburst: The store's `endpoint` is "nonsense": .*\n$/);
    expect(exitCode).toBe(2);
  });
});
