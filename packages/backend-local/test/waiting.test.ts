import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { setInterval } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { LaunchRequest } from "@skyburst/core";
import { expect, onTestFinished, test } from "vitest";
import { local, startWaiting, type WaitingStart, type WaitingWorker } from "../src/index.ts";
import { procTable } from "../src/proc.ts";
import { psTable } from "../src/ps.ts";
import { exited, launched, localStage } from "./local-stage.ts";

const table = existsSync("/proc/self/environ") ? procTable() : psTable();

function startOf({ sessionId, launch, storeId, program }: LaunchRequest): WaitingStart {
  return { sessionId, launch, storeId, program: fileURLToPath(program.url) };
}

function waitingFor(request: LaunchRequest, directory: string): WaitingWorker {
  const worker = startWaiting(startOf(request), { directory });
  if (!worker) throw new Error("No process could be started.");
  onTestFinished(() => worker.dismiss());
  return worker;
}

/** Resolves once no process is the worker. */
async function ended(id: string): Promise<void> {
  for await (const _ of setInterval(10)) if (!(await table.workers()).has(id)) return;
}

test("a process that waits is told what to do by the launch that it was started for", async () => {
  const stage = localStage();
  const request = stage.request(["--do=speak"]);
  const worker = waitingFor(request, stage.directory);
  const backend = local({ directory: stage.directory }, worker);
  expect(await backend.list(stage.sessionId)).toEqual([]);
  expect(await launched(backend, request)).toBe(worker.id);
  const { exit } = await exited(backend, stage.sessionId, worker.id);
  expect(exit).toEqual({ code: 0, reason: "done" });
  expect(await backend.logs?.(worker.id)).toBe("a word\n");
});

test("told once it needs nobody, and is found and stopped by another process", async () => {
  const stage = localStage();
  const request = stage.request(["--do=wait"], { slots: [0, 1] });
  const worker = waitingFor(request, stage.directory);
  const backend = local({ directory: stage.directory }, worker);
  const { started } = await backend.launch(request);
  expect(started.map(({ slot }) => slot)).toEqual([0, 1]);
  expect(started[0]?.id).toBe(worker.id);
  worker.dismiss();
  const other = stage.backend();
  expect((await other.list(stage.sessionId)).map(({ id }) => id)).toEqual(started.map(({ id }) => id));
  await other.stop([worker.id], { grace: 0 });
  expect((await exited(backend, stage.sessionId, worker.id)).exit).toMatchObject({ signal: "SIGTERM" });
});

test.each<[string, Partial<LaunchRequest>]>([
  ["of another session", { sessionId: "another" }],
  ["of another number", { launch: 1 }],
  ["of other slots", { slots: [1] }],
  ["in another store", { storeId: "fedcba9876543210" }],
  ["with secrets", { secrets: { KEY: "value" } }],
  ["in another environment", { spec: { env: { NAME: "value" } } }],
])("a launch %s starts a process of its own, and the one that waits ends and leaves nothing", async (_, more) => {
  const stage = localStage();
  const worker = waitingFor(stage.request([]), stage.directory);
  const backend = local({ directory: stage.directory }, worker);
  const request = stage.request([], more);
  const id = await launched(backend, request);
  expect(id).not.toBe(worker.id);
  await ended(worker.id);
  await exited(backend, request.sessionId, id);
  expect(readdirSync(stage.directory).filter((name) => name.startsWith(worker.id))).toEqual([]);
});

test("one that ended before it was told is replaced", async () => {
  const stage = localStage();
  const request = stage.request(["--do=speak"]);
  const worker = waitingFor(request, stage.directory);
  const pid = (await table.workers()).get(worker.id);
  if (pid === undefined) throw new Error(`No process is the worker ${worker.id}.`);
  process.kill(pid, "SIGKILL");
  await ended(worker.id);
  const backend = local({ directory: stage.directory }, worker);
  const id = await launched(backend, request);
  expect(id).not.toBe(worker.id);
  expect((await exited(backend, stage.sessionId, id)).exit).toEqual({ code: 0, reason: "done" });
});

test("one whose client is killed ends, and until then its session is not taken for one that was forgotten", async () => {
  const stage = localStage();
  const argument = JSON.stringify({ directory: stage.directory, ...startOf(stage.request([])) });
  const fixture = fileURLToPath(new URL("fixtures/waiting.mjs", import.meta.url));
  const client = spawn(process.execPath, [fixture, argument], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void client.kill("SIGKILL"));
  const [id]: unknown[] = await once(createInterface(client.stdout), "line");
  const backend = stage.backend();
  expect((await backend.list(stage.sessionId)).map((worker) => worker.id)).toEqual([id]);
  expect((await backend.sessions?.())?.map(({ sessionId }) => sessionId)).not.toContain(stage.sessionId);
  client.kill("SIGKILL");
  await ended(String(id));
});
