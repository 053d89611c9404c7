import { createHash } from "node:crypto";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Backend, LaunchProgram, LaunchRequest, WorkerStatus } from "@skyburst/core";
import { onTestFinished } from "vitest";
import { local } from "../src/index.ts";
import { WORKER_PROGRAM } from "./worker-program.ts";

function publish(directory: string, source: string): LaunchProgram {
  const path = join(directory, "program.mjs");
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, source);
  return { sha256: createHash("sha256").update(source).digest("hex"), url: pathToFileURL(path).href };
}

export interface LocalStage {
  readonly sessionId: string;
  /** A directory of this test's own. */
  readonly path: string;
  /** Where workers print. */
  readonly directory: string;
  backend(): Backend;
  request(args: readonly string[], more?: Partial<LaunchRequest>): LaunchRequest;
}

/** A session of one test: whatever was started in it ends with it. */
export function localStage(): LocalStage {
  const path = mkdtempSync(join(tmpdir(), "skyburst-local-test-"));
  const sessionId = `local-${path.slice(-6)}`;
  const directory = join(path, "output");
  const backend = () => local({ directory });
  const program = publish(path, WORKER_PROGRAM);
  onTestFinished(async () => {
    const last = backend();
    const workers = await last.list(sessionId);
    await last.stop(
      workers.map(({ id }) => id),
      { grace: 0 },
    );
    rmSync(path, { recursive: true, force: true });
  });
  const request: LocalStage["request"] = (args, more) => ({
    sessionId,
    launch: 0,
    token: "token",
    slots: [0],
    spec: {},
    program,
    storeId: "0123456789abcdef",
    args,
    ...more,
  });
  return { sessionId, path, directory, backend, request };
}

/** The id of a worker that was launched in this process. */
export async function launched(backend: Backend, request: LaunchRequest): Promise<string> {
  const { started } = await backend.launch(request);
  const [first] = started;
  if (!first) throw new Error("Nothing was started.");
  return first.id;
}

/** How a worker ended. */
export async function exited(backend: Backend, sessionId: string, id: string): Promise<WorkerStatus> {
  for await (const workers of backend.watch?.(sessionId) ?? []) {
    const worker = workers.find((worker) => worker.id === id);
    if (worker?.state === "exited") return worker;
  }
  throw new Error(`The watch ended before worker ${id} had.`);
}

/** A client in a process, and process group, of its own, and the worker that it launched. It stays until it reads something. */
export async function client(
  stage: LocalStage,
  request: LaunchRequest,
  stay: boolean,
): Promise<{
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly pid: number;
  readonly id: string;
}> {
  const argument = JSON.stringify({ directory: stage.directory, request, stay });
  const child = spawn(process.execPath, [fileURLToPath(new URL("fixtures/client.mjs", import.meta.url)), argument], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line]: unknown[] = await once(createInterface(child.stdout), "line");
  const [id] = JSON.parse(String(line)) as readonly string[];
  if (id === undefined || child.pid === undefined) throw new Error("The client launched nothing.");
  return { process: child, pid: child.pid, id };
}

/** Where the commands of workers connect to, so that it is known when they run and when they have ended. */
export async function commands(): Promise<{
  readonly port: number;
  readonly next: () => Promise<{ readonly ended: Promise<unknown> }>;
}> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const next = async () => {
    const [socket] = (await once(server, "connection")) as [Socket];
    // Killed with its connection open: an error is as good an end as any.
    return { ended: new Promise((resolve) => socket.on("error", resolve).on("close", resolve).resume()) };
  };
  return { port: address.port, next };
}
