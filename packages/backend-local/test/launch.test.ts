import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setInterval } from "node:timers/promises";
import type { LaunchRequest } from "@skyburst/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { local, LocalBackendError, type LocalOptions } from "../src/index.ts";
import { exited, launched, localStage } from "./local-stage.ts";

async function refusal(options: LocalOptions, request: LaunchRequest) {
  const { started, refused } = await local(options).launch(request);
  expect(started).toEqual([]);
  expect(refused.map(({ slot }) => slot)).toEqual(request.slots);
  return refused[0];
}

test("only programs of this machine are run, and a signed address is not repeated", async () => {
  const stage = localStage();
  const program = { sha256: "0".repeat(64), url: "https://example.com/program.mjs?signature=secret" };
  const refused = await refusal({ directory: stage.directory }, stage.request([], { program, slots: [0, 1] }));
  expect(refused).toMatchObject({
    kind: "option",
    message: expect.stringContaining("program.url https://example.com/program.mjs: "),
  });
});

test("a program that is not there is refused by its address", async () => {
  const stage = localStage();
  const program = { sha256: "0".repeat(64), url: "file:///nowhere/program.mjs" };
  expect(await refusal({ directory: stage.directory }, stage.request([], { program }))).toMatchObject({
    kind: "option",
    message: expect.stringMatching(/program\.url file:\/\/\/nowhere\/program\.mjs .*ENOENT/),
  });
});

test("a node that is not there is refused by the option's name, and leaves no output file", async () => {
  const stage = localStage();
  const options = { directory: stage.directory, node: "/nowhere/node" };
  expect(await refusal(options, stage.request([], { slots: [0, 1] }))).toMatchObject({
    kind: "option",
    message: expect.stringMatching(/\/nowhere\/node .*ENOENT.*local\(\{ node \}\)/),
  });
  expect(readdirSync(stage.directory)).toEqual([]);
});

test("an environment that the system can't pass on is refused", async () => {
  const stage = localStage();
  const spec = { env: { LONG: "x".repeat(8 * 1024 * 1024) } };
  expect(await refusal({ directory: stage.directory }, stage.request([], { spec }))).toMatchObject({
    kind: "option",
    message: expect.stringContaining("`env`"),
  });
});

test("an output directory that is none is refused by the option's name", async () => {
  const stage = localStage();
  const file = join(stage.path, "file");
  writeFileSync(file, "");
  const directory = join(file, "output");
  expect(await refusal({ directory }, stage.request([]))).toMatchObject({
    kind: "permission",
    message: expect.stringMatching(/ENOTDIR.*local\(\{ directory \}\)/),
  });
});

test("the default output directory has to be this user's alone", async () => {
  const stage = localStage();
  vi.stubEnv("TMPDIR", stage.path);
  const id = await launched(local(), stage.request(["--do=wait"]));
  const directory = join(stage.path, `skyburst-${process.getuid?.()}`);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, `${id}.log`)).mode & 0o777).toBe(0o600);
  chmodSync(directory, 0o777);
  await expect(local().launch(stage.request(["--do=wait"]))).rejects.toMatchObject({
    code: "permission",
    retryable: false,
    message: expect.stringContaining(directory),
  });
  vi.unstubAllEnvs();
});

test("the output of a worker that ended well without a word is not kept", async () => {
  const stage = localStage();
  const backend = stage.backend();
  const silent = await launched(backend, stage.request([]));
  const loud = await launched(backend, stage.request(["--do=speak"], { slots: [1] }));
  await Promise.all([exited(backend, stage.sessionId, silent), exited(backend, stage.sessionId, loud)]);
  expect(readdirSync(stage.directory)).toEqual([`${loud}.log`]);
});

test("the last 64 KiB of what a worker printed are told, from the beginning of a line", async () => {
  const stage = localStage();
  const backend = stage.backend();
  const id = await launched(backend, stage.request(["--do=flood"]));
  await exited(backend, stage.sessionId, id);
  const output = (await backend.logs?.(id)) ?? "";
  expect(output).toMatch(/^line \d+\n/);
  expect(output.length).toBeGreaterThan(60 * 1024);
  expect(output.length).toBeLessThanOrEqual(64 * 1024);
});

test("a launch deletes some of the old output files, and none of a worker that lives", async () => {
  const stage = localStage();
  mkdirSync(stage.directory);
  const [hour, week] = [60 * 60 * 1000, 7 * 24 * 60 * 60 * 1000].map((age) => (Date.now() - age - 1000).toString(36));
  const [empty, full, oldest, living] = [
    `${hour}-00000000`,
    `${hour}-00000001`,
    `${week}-00000002`,
    `${week}-00000003`,
  ].map((end) => `old.0.0.${end}`);
  for (const id of [empty, living]) writeFileSync(join(stage.directory, `${id}.log`), "");
  for (const id of [full, oldest]) writeFileSync(join(stage.directory, `${id}.log`), "text");
  writeFileSync(join(stage.directory, "other.txt"), "");
  const worker = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "--", `--skyburst-worker=${living}`], {
    env: { SKYBURST_WORKER: living },
  });
  onTestFinished(() => void worker.kill("SIGKILL"));
  await once(worker, "spawn");

  const id = await launched(stage.backend(), stage.request(["--do=wait"]));
  const kept = [id, full, living]
    .map((id) => `${id}.log`)
    .concat("other.txt")
    .toSorted();
  for await (const _ of setInterval(10)) if (readdirSync(stage.directory).length <= kept.length) break;
  expect(readdirSync(stage.directory).toSorted()).toEqual(kept);
});

test("a session whose id can't stand on a command line or in a file name is an error", async () => {
  const stage = localStage();
  for (const sessionId of ["", "../up", "a b", "-a", "a".repeat(101)]) {
    await expect(stage.backend().launch(stage.request([], { sessionId }))).rejects.toThrow(LocalBackendError);
  }
  expect(existsSync(stage.directory)).toBe(false);
});

test.each<[LocalOptions, string]>([
  [{ maxWorkers: 0 }, "local({ maxWorkers: 0 })"],
  [{ slots: 1.5 }, "local({ slots: 1.5 })"],
  [{ node: "" }, 'local({ node: "" })'],
  [{ directory: "a\0b" }, 'local({ directory: "a\\u0000b" })'],
])("%o is an error that names the option", (options, name) => {
  expect(() => local(options)).toThrow(
    expect.objectContaining({ name: "LocalBackendError", code: "option", message: expect.stringContaining(name) }),
  );
});
