import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setInterval } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { procTable } from "../src/proc.ts";
import { onePerId } from "../src/processes.ts";
import { psTable } from "../src/ps.ts";
import { client, commands, exited, launched, localStage } from "./local-stage.ts";

const hasFiles = existsSync("/proc/self/environ");
const table = hasFiles ? procTable() : psTable();

/** Ends a worker as a crash or the kernel would. */
async function kill(id: string): Promise<void> {
  const pid = (await table.workers()).get(id);
  if (pid === undefined) throw new Error(`No process is the worker ${id}.`);
  process.kill(pid, "SIGKILL");
}

/** The same, once its process is really gone. */
async function killAndSee(id: string): Promise<void> {
  await kill(id);
  for await (const _ of setInterval(10)) if (!(await table.workers()).has(id)) return;
}

test("a worker outlives a client that ends, and is found and stopped by another process", async () => {
  const stage = localStage();
  const { process: ended, id } = await client(stage, stage.request(["--do=wait"]), false);
  expect(await once(ended, "exit")).toEqual([0, null]);
  const backend = stage.backend();
  const seen: unknown[] = [];
  for await (const workers of backend.watch?.(stage.sessionId) ?? []) {
    seen.push(workers.map(({ id, launch, slot, state }) => ({ id, launch, slot, state })));
    if (seen.length === 2) break;
    await backend.stop([id]);
  }
  expect(seen).toEqual([[{ id, launch: 0, slot: 0, state: "running" }], [{ id, launch: 0, slot: 0, state: "exited" }]]);
});

test("a worker outlives a client that is killed; only its parent could have known how it ended", async () => {
  const stage = localStage();
  const { process: killed, id } = await client(stage, stage.request(["--do=wait"]), true);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  const backend = stage.backend();
  const seen: unknown[] = [];
  for await (const workers of backend.watch?.(stage.sessionId) ?? []) {
    seen.push(workers.map(({ id, state, exit }) => ({ id, state, exit })));
    if (seen.length === 2) break;
    await kill(id);
  }
  expect(seen).toEqual([[{ id, state: "running" }], [{ id, state: "exited", exit: { reason: "lost" } }]]);
  expect(await backend.list(stage.sessionId)).toEqual([]);
});

test("a Ctrl-C at the client's terminal does not reach its workers", async () => {
  const stage = localStage();
  const { process: interrupted, pid, id } = await client(stage, stage.request(["--do=wait"]), true);
  process.kill(-pid, "SIGINT");
  expect(await once(interrupted, "exit")).toEqual([null, "SIGINT"]);
  expect(await stage.backend().list(stage.sessionId)).toMatchObject([{ id, state: "running" }]);
});

test("a worker that is killed is told of by its signal, and its command ends with it", async () => {
  const [stage, { port, next }] = [localStage(), await commands()];
  const backend = stage.backend();
  const [command, id] = await Promise.all([
    next(),
    launched(backend, stage.request(["--do=command", `--port=${port}`])),
  ]);
  await kill(id);
  expect((await exited(backend, stage.sessionId, id)).exit).toEqual({ signal: "SIGKILL", reason: "error" });
  await command.ended;
});

test("a worker that does not end in time is killed with its command", async () => {
  const [stage, { port, next }] = [localStage(), await commands()];
  const backend = stage.backend();
  const [command, id] = await Promise.all([
    next(),
    launched(backend, stage.request(["--do=command", `--port=${port}`])),
  ]);
  await backend.stop([id], { grace: 1 });
  await command.ended;
  expect((await exited(backend, stage.sessionId, id)).exit).toEqual({ signal: "SIGKILL", reason: "stopped" });
});

test("without a grace time nothing runs any more when a stop resolves", async () => {
  const [stage, { port, next }] = [localStage(), await commands()];
  const request = stage.request(["--do=command", `--port=${port}`]);
  const [command, { process: stopping }] = await Promise.all([next(), client(stage, request, true)]);
  // It exits as soon as the stop resolved.
  stopping.stdin.write("stop\n");
  expect(await once(stopping, "exit")).toEqual([0, null]);
  await command.ended;
});

test.each<[when: string, grace: number, before: boolean]>([
  ["does not end in time", 1, false],
  ["died when nobody looked", 10_000, true],
])("the command of a worker of a dead client that %s ends when the worker is stopped", async (_, grace, before) => {
  const [stage, { port, next }] = [localStage(), await commands()];
  const request = stage.request(["--do=command", `--port=${port}`]);
  const [command, { process: killed, id }] = await Promise.all([next(), client(stage, request, true)]);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  if (before) await killAndSee(id);
  await stage.backend().stop([id], { grace });
  await command.ended;
  await stage.backend().stop([id], { grace: 0 });
  expect((await table.carrying(new Set([id]))).length).toBe(0);
});

test.skipIf(!hasFiles)("a process that only has the command line of a worker is none, and is left alone", async () => {
  const stage = localStage();
  const backend = stage.backend();
  const id = await launched(backend, stage.request([]));
  await exited(backend, stage.sessionId, id);
  const impostor = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "--", `--skyburst-worker=${id}`]);
  onTestFinished(() => void impostor.kill("SIGKILL"));
  await once(impostor, "spawn");
  const another = stage.backend();
  expect(await another.list(stage.sessionId)).toEqual([]);
  await another.stop([id], { grace: 0 });
  await backend.stop([id], { grace: 0 });
  // Whatever reached it before would show instead.
  impostor.kill("SIGHUP");
  expect(await once(impostor, "exit")).toEqual([null, "SIGHUP"]);
});

test("a worker that was started in the place of another is not stopped for it", async () => {
  const stage = localStage();
  const backend = stage.backend();
  const first = await launched(backend, stage.request([]));
  await exited(backend, stage.sessionId, first);
  const second = await launched(backend, stage.request(["--do=wait"]));
  await backend.stop([first], { grace: 0 });
  await stage.backend().stop([first], { grace: 0 });
  expect(await stage.backend().list(stage.sessionId)).toMatchObject([{ id: second, state: "running" }]);
});

test("an id that is none matches no process: most processes carry none", async () => {
  const ids = new Set(["", "1", "-1", "undefined", "never-there"]);
  expect(await table.carrying(ids)).toEqual([]);
  expect([...(await table.workers()).keys()].filter((id) => ids.has(id))).toEqual([]);
});

test("a process that was forked and not yet replaced is not taken for the worker", () => {
  const [id, other] = ["a.0.0.mf3k2x9a-00000000", "a.0.1.mf3k2x9a-00000000"];
  const worker = { id, pid: 30, parent: 1 };
  const fork = { id, pid: 20, parent: 30 };
  const sibling = { id: other, pid: 40, parent: 30 };
  const expected = new Map([
    [id, 30],
    [other, 40],
  ]);
  expect(onePerId([fork, worker, sibling])).toEqual(expected);
  expect(onePerId([worker, fork, sibling])).toEqual(expected);
});

test.skipIf(!hasFiles || !existsSync("/usr/bin/ps"))(
  "the ps command finds the same workers as the process file system",
  async () => {
    const stage = localStage();
    const id = await launched(stage.backend(), stage.request(["--do=wait"]));
    const [byCommand, byFiles] = await Promise.all([psTable().workers(), procTable().workers()]);
    expect(byCommand.get(id)).toBeTypeOf("number");
    expect(byCommand.get(id)).toBe(byFiles.get(id));
  },
);
