import type { Backend, LaunchRequest, LaunchResult, Refusal } from "@skyburst/core";
import { existsSync } from "node:fs";
import { Children } from "./children.ts";
import { LocalBackendError } from "./errors.ts";
import { assertSession, newId, parseId } from "./label.ts";
import { type LocalOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { Output } from "./output.ts";
import { procTable } from "./proc.ts";
import type { ProcessTable } from "./processes.ts";
import { psTable } from "./ps.ts";
import { refuseSpec, type RefusalReason, SPEC_FIELDS, verifyProgram } from "./refuse.ts";
import { managedSessions } from "./sessions.ts";
import { argumentsOf, startWorker } from "./spawn.ts";
import { background, Stopping } from "./stop.ts";
import type { WaitingWorker } from "./waiting.ts";
import { listWorkers, watchWorkers } from "./watch.ts";

/**
 * Workers as processes of this machine. They run on when the process that launched them ends, however it ends, and any
 * other process of the same user finds and stops them with a `local()` of its own.
 *
 * @param waiting Started by {@link startWaiting} with the same options. It is told or dismissed by the first launch.
 * @throws {LocalBackendError} `option`: an option's value can't be used.
 */
export function local(options: LocalOptions = {}, waiting?: WaitingWorker): Backend {
  const resolved = resolveOptions(options);
  const output = new Output(resolved);
  const table = existsSync("/proc/self/environ") ? procTable() : psTable();
  // One that waits is no worker before it is told what to do, and from then on one of the children.
  const found = waiting ? without(table, waiting.id) : table;
  const children: Children = new Children(output, (id) => background(stopping.sweep([id])));
  const stopping = new Stopping(children, table);
  const closing = new AbortController();
  const enter = (signal: AbortSignal | undefined) => {
    if (closing.signal.aborted)
      throw new LocalBackendError("closed", "This local backend was closed: make another with local().");
    signal?.throwIfAborted();
  };

  return {
    name: "local",
    standIn: { program: new URL("./stand-in.mjs", import.meta.url).href, options: { ...resolved.given } },
    capabilities: {
      spec: SPEC_FIELDS,
      maxWorkers: resolved.maxWorkers,
      slots: resolved.slots,
      token: false,
      sharesFileSystem: true,
      spot: false,
      secrets: true,
      // As a process of Node takes until it leases.
      startup: 150,
      startTimeout: 60_000,
    },

    async launch(request, { signal } = {}) {
      enter(signal);
      return await launch(request, { resolved, output, table, children, waiting });
    },

    async list(sessionId, { signal } = {}) {
      enter(signal);
      return await listWorkers(sessionId, children, found);
    },

    /**
     * Also kills the commands that a worker left behind when it was killed. The SIGKILL after the grace time comes from
     * this process, which stays alive for it until the workers are gone; `process.exit()` gives that up.
     */
    async stop(workers, { signal, grace } = {}) {
      enter(signal);
      await stopping.stop(workers, grace);
    },

    async *watch(sessionId, { signal } = {}) {
      enter(signal);
      yield* watchWorkers(
        sessionId,
        children,
        found,
        signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
      );
      signal?.throwIfAborted();
    },

    /** Counts the workers of this backend object. */
    async capacity(spec, { signal } = {}) {
      enter(signal);
      return refuseSpec(spec) ? 0 : Math.max(0, resolved.maxWorkers - children.living);
    },

    async rate() {
      return { amount: 0, currency: "USD", unit: "hour", source: "nobody bills the time of this machine" };
    },

    async sessions({ signal } = {}) {
      enter(signal);
      return await managedSessions(table);
    },

    /** At most the last 64 KiB; empty when nothing is kept of this worker. */
    async logs(worker, { signal } = {}) {
      enter(signal);
      return output.tail(worker);
    },

    async close() {
      closing.abort();
      waiting?.dismiss();
    },
  };
}

function without(table: ProcessTable, id: string): ProcessTable {
  return { ...table, workers: async () => new Map([...(await table.workers())].filter(([worker]) => worker !== id)) };
}

interface Parts {
  readonly resolved: ResolvedOptions;
  readonly output: Output;
  readonly table: ProcessTable;
  readonly children: Children;
  readonly waiting: WaitingWorker | undefined;
}

/** Nothing stands before the first process but what may refuse it: a worker's start is what users wait for. */
async function launch(request: LaunchRequest, parts: Parts): Promise<LaunchResult> {
  assertSession(request.sessionId);
  const unfit = refuseSpec(request.spec);
  if (unfit) return refuseAll(request, unfit);
  const program = verifyProgram(request.program);
  if ("refusal" in program) return refuseAll(request, program.refusal);

  const started: { slot: number; id: string }[] = [];
  const refused: Refusal[] = [];
  for (const slot of request.slots) {
    const result = await launchOne(request, slot, program.path, parts);
    if ("id" in result) started.push({ slot, id: result.id });
    else refused.push({ slot, ...result });
  }
  // Nobody else was to be it.
  parts.waiting?.dismiss();
  parts.children.added();
  // What can't be deleted now, perhaps because another launch is at it, is there at the next launch.
  setImmediate(() => background(parts.output.tidy(Date.now(), () => parts.table.workers())));
  return { started, refused };
}

async function launchOne(
  request: LaunchRequest,
  slot: number,
  program: string,
  { resolved, output, children, waiting }: Parts,
): Promise<{ readonly id: string } | RefusalReason> {
  if (children.living >= resolved.maxWorkers) return atMost(resolved.maxWorkers);
  const waits = waiting?.fits(request, slot, program) ? waiting : undefined;
  const told = waits?.tell(argumentsOf(request, slot, waits.id));
  const id = waits && told ? waits.id : newId(request, slot, Date.now());
  const label = parseId(id);
  if (!label)
    throw new LocalBackendError("option", `launch ${request.launch}, slot ${slot}: give integers of at most 6 digits.`);
  const result = told ?? (await startWorker({ id, slot, program, request }, resolved, output));
  if ("refusal" in result) return result.refusal;
  children.add(id, label, result.pid, result.child);
  return { id };
}

function atMost(maxWorkers: number): RefusalReason {
  return {
    kind: "capacity",
    message: `${maxWorkers} workers run already: allow more with local({ maxWorkers }), or wait until one ends.`,
  };
}

function refuseAll({ slots }: LaunchRequest, reason: RefusalReason): LaunchResult {
  return { started: [], refused: slots.map((slot) => ({ slot, ...reason })) };
}
