import { join } from "node:path";
import { local } from "@skyburst/backend-local";
import { BackendError } from "@skyburst/core";
import type { Backend, LaunchRequest, LaunchResult, Refusal, WorkerStatus } from "@skyburst/core";
import { Room } from "./room.ts";

export interface RentalOptions {
  /** Directory of the provider, made by {@link Room.make}. */
  readonly room: string;
  /** Default 8. */
  readonly maxWorkers?: number | undefined;
  /** Dollars. Default: its workers are free. */
  readonly perHour?: number | undefined;
  /** Milliseconds. */
  readonly minimumBilling?: number | undefined;
  /** Milliseconds. */
  readonly startup?: number | undefined;
  /** Milliseconds. */
  readonly startTimeout?: number | undefined;
  /** It starts nothing twice. Default false. */
  readonly token?: boolean | undefined;
}

/** Milliseconds between two looks at what machines wrote; every so many of them, at whether they run. */
const lookInterval = 20;
const looksPerSearch = 50;

/**
 * A provider of machines as a cloud is one, on real processes of this machine: with a quota, prices, a boot time, spot losses and a
 * bill, as its room says at the moment. Whoever asks is told the same.
 */
export function rental(options: RentalOptions): Backend {
  const { maxWorkers = 8, perHour = 0, token = false, minimumBilling, startup, startTimeout } = options;
  const room = new Room(options.room);
  const machines = local({ node: room.machine, directory: join(room.path, "output"), maxWorkers: 1000 });
  const closing = new AbortController();
  const enter = (signal: AbortSignal | undefined) => {
    if (closing.signal.aborted) throw new BackendError("closed", "This rental was closed: make another with rental().");
    signal?.throwIfAborted();
  };
  const list = async (session: string) => listAll(session, room, machines);

  return {
    name: "rental",
    capabilities: {
      ...machines.capabilities,
      maxWorkers,
      token,
      spot: true,
      ...(minimumBilling === undefined ? {} : { minimumBilling }),
      ...(startup === undefined ? {} : { startup }),
      ...(startTimeout === undefined ? {} : { startTimeout }),
    },

    async launch(request, { signal } = {}) {
      enter(signal);
      dieIf("before", room);
      const result = await launch(request, { room, machines, maxWorkers, token });
      dieIf("after", room);
      return result;
    },

    async list(session, { signal } = {}) {
      enter(signal);
      return await list(session);
    },

    async stop(ids, { signal, ...rest } = {}) {
      enter(signal);
      for (const id of ids) if (room.living().some((worker) => worker.id === id)) room.mark(id, "stopped");
      await machines.stop(ids, rest);
    },

    async *watch(session, { signal } = {}) {
      enter(signal);
      const end = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      let told: string | undefined;
      for (let look = 0; !end.aborted; look++) {
        const workers = look % looksPerSearch === 0 ? await list(session) : room.statuses(session);
        const state = JSON.stringify(workers);
        if (state !== told) yield workers;
        told = state;
        await pause(lookInterval, end);
      }
      signal?.throwIfAborted();
    },

    async capacity(_spec, { signal } = {}) {
      enter(signal);
      return Math.max(0, Math.min(maxWorkers, room.conditions.capacity ?? maxWorkers) - (await taken(room, machines)));
    },

    async rate() {
      return { amount: perHour, currency: "USD", unit: "hour", source: "made up", date: "2026-11-21" };
    },

    async sessions({ signal } = {}) {
      enter(signal);
      return (await machines.sessions?.({ signal })) ?? [];
    },

    async logs(worker, { signal } = {}) {
      enter(signal);
      return (await machines.logs?.(worker)) ?? "";
    },

    async close() {
      closing.abort();
      await machines.close?.();
    },
  };
}

interface Parts {
  readonly room: Room;
  readonly machines: Backend;
  readonly maxWorkers: number;
  readonly token: boolean;
}

async function launch(request: LaunchRequest, { room, machines, maxWorkers, token }: Parts): Promise<LaunchResult> {
  const { quota = Number.POSITIVE_INFINITY, capacity = Number.POSITIVE_INFINITY, refuses, throws } = room.conditions;
  const known = token
    ? (await listAll(request.sessionId, room, machines)).filter((worker) => isOf(request, worker))
    : [];
  const slots = request.slots.filter((slot) => !known.some((worker) => worker.slot === slot));
  const before = known.map(({ slot, id }) => ({ slot, id }));
  if (refuses && throws) throw new BackendError(refuses.kind, refuses.message);
  if (refuses) return { started: before, refused: slots.map((slot) => ({ slot, ...refuses })) };
  const living = await taken(room, machines);
  const free = Math.max(0, Math.min(quota, capacity, maxWorkers) - living);
  const kind = quota < Math.min(capacity, maxWorkers) ? ("quota" as const) : ("capacity" as const);
  const message = `${living + free} machines are what there is: ${kind === "quota" ? "ask for a higher quota" : "wait until one ends"}.`;
  const refused = slots.slice(free).map((slot): Refusal => ({ slot, kind, message }));
  const result = await machines.launch({ ...request, slots: slots.slice(0, free) });
  // What is started holds its place from now on, though it has written nothing yet.
  await untilUp(room, result.started);
  return { started: [...before, ...result.started], refused: [...result.refused, ...refused] };
}

function isOf({ launch, slots }: LaunchRequest, worker: WorkerStatus): boolean {
  return worker.launch === launch && slots.includes(worker.slot);
}

/** Machines write as their first act that they are there; one that is killed before it could is not waited for. */
async function untilUp(room: Room, started: LaunchResult["started"]): Promise<void> {
  const mostLooks = 2000;
  for (const { id } of started) for (let look = 0; look < mostLooks && !room.pidsOf(id).machine; look++) await pause(2);
}

/** Machines that run, of all sessions. */
async function taken(room: Room, machines: Backend): Promise<number> {
  for (const session of room.sessions()) await listAll(session, room, machines);
  return room.living().length;
}

/** What the machines wrote, but for those that were killed before they could. */
async function listAll(session: string, room: Room, machines: Backend): Promise<readonly WorkerStatus[]> {
  // Before it is looked who runs: what begins meanwhile is not missed there.
  const living = room.living(session);
  if (living.length === 0) return room.statuses(session);
  const listed = await machines.list(session);
  for (const { id } of living) {
    const found = listed.find((worker) => worker.id === id);
    if (found?.state !== "running") room.ended(id, found?.exit?.signal ?? found?.exit?.code ?? "lost");
  }
  return room.statuses(session);
}

/** Once: who comes after it lives. */
function dieIf(when: "before" | "after", room: Room): void {
  const { fatal, ...conditions } = room.conditions;
  if (fatal !== when) return;
  room.conditions = conditions;
  process.kill(process.pid, "SIGKILL");
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
    if (signal?.aborted) done();
  });
}
