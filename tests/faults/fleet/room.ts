import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { Refusal, WorkerExit, WorkerStatus } from "@skyburst/core";
import { machineScript } from "./machine.ts";

/** How the provider is at the moment. Tests change it while workers run. */
export interface Conditions {
  /** Living workers above which it refuses, by `quota`. Default: no such limit. */
  readonly quota?: number;
  /** The same by `capacity`, which it tells in advance as well. */
  readonly capacity?: number;
  /** It refuses everything. */
  readonly refuses?: Omit<Refusal, "slot">;
  /** It does so by an error, as providers do that look at a call as a whole. */
  readonly throws?: boolean;
  /** What becomes of a machine that was started. Default: it runs its worker. */
  readonly machines?: "silent" | "stillborn";
  /** Milliseconds between the start of a machine and that of its worker. Default 0. */
  readonly latency?: number;
  /** Who launches next dies by SIGKILL: before anything is started, or when all is and nobody was told. */
  readonly fatal?: "before" | "after";
}

/** What the provider bills. */
export interface Billed {
  readonly id: string;
  readonly launch: number;
  readonly slot: number;
  readonly startedAt: number;
  /** Undefined while it runs. */
  readonly stoppedAt: number | undefined;
}

/** Why a machine ends, where its exit code does not tell. */
export type Mark = "spot" | "stopped" | "oom" | "lost";

const marks = ["spot", "oom", "lost", "stopped"] as const satisfies readonly Mark[];
const idPattern = /^(.+)\.(\d+)\.(\d+)\.[^.]+$/;

/**
 * The memory of a provider: a directory in which each machine writes when it began and how it ended, so that whoever asks is told
 * the same, whoever launched it and whatever became of that process since.
 *
 * `<id>.up` is there from the start on, `<id>.pid` when the worker was started, `<id>.exit` holds the exit code; `<id>.<mark>` says
 * why it was ended.
 */
export class Room {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** A new one, with machines that run this Node. */
  static make(path: string, conditions: Conditions = {}): Room {
    const room = new Room(path);
    mkdirSync(room.#workers, { recursive: true });
    writeFileSync(room.machine, machineScript(process.execPath, path));
    chmodSync(room.machine, 0o755);
    room.conditions = conditions;
    return room;
  }

  /** The program that stands in for `node`. */
  get machine(): string {
    return join(this.path, "machine");
  }

  get conditions(): Conditions {
    return JSON.parse(readFileSync(join(this.path, "conditions.json"), "utf8")) as Conditions;
  }

  /** Holds for what is launched from now on; whoever reads meanwhile reads the old ones or the new ones. */
  set conditions(conditions: Conditions) {
    const { machines, latency = 0 } = conditions;
    this.#write("boot", machines ?? String(latency / 1000));
    this.#write("conditions.json", JSON.stringify(conditions));
  }

  /** Machines of a session, in the order of their launches. `alive`: those that run, where files alone can't tell. */
  statuses(session: string): WorkerStatus[] {
    return this.#ids()
      .filter((id) => sessionOf(id) === session)
      .map((id) => this.#status(id))
      .sort((a, b) => a.launch - b.launch || a.slot - b.slot || (a.startedAt ?? 0) - (b.startedAt ?? 0));
  }

  /** Sessions of which machines were started. */
  sessions(): string[] {
    return [...new Set(this.#ids().map(sessionOf))];
  }

  living(session?: string): WorkerStatus[] {
    const sessions = session === undefined ? this.sessions() : [session];
    return sessions.flatMap((one) => this.statuses(one)).filter(({ state }) => state !== "exited");
  }

  bill(session: string): Billed[] {
    return this.statuses(session).map(({ id, launch, slot, startedAt = 0, stoppedAt }) => {
      return { id, launch, slot, startedAt, stoppedAt };
    });
  }

  /** A machine ended without a word of its own. What is said first stays. */
  ended(id: string, code: number | string): void {
    if (!existsSync(this.#file(id, "exit"))) this.#write(join("workers", `${id}.exit`), String(code));
  }

  mark(id: string, why: Mark): void {
    if (!existsSync(this.#file(id, "exit"))) writeFileSync(this.#file(id, why), "");
  }

  /** Processes of a machine that runs: its own, and that of its worker. */
  pidsOf(id: string): { readonly machine: number; readonly worker: number | undefined } {
    return { machine: Number(read(this.#file(id, "up"))), worker: Number(read(this.#file(id, "pid"))) || undefined };
  }

  #status(id: string): WorkerStatus {
    const [, , launch, slot] = idPattern.exec(id) ?? [];
    const startedAt = timeOf(this.#file(id, "up"));
    const known = { id, launch: Number(launch), slot: Number(slot), startedAt };
    const stoppedAt = timeOf(this.#file(id, "exit"));
    if (stoppedAt !== undefined) return { ...known, state: "exited", stoppedAt, exit: this.#exit(id) };
    return { ...known, state: existsSync(this.#file(id, "pid")) ? "running" : "pending" };
  }

  #exit(id: string): WorkerExit {
    const text = read(this.#file(id, "exit")) ?? "";
    const told = exitOf(text);
    const why = marks.find((mark) => existsSync(this.#file(id, mark)));
    return { ...told, reason: why ?? (told.code === 0 ? "done" : text === "lost" ? "lost" : "error") };
  }

  #ids(): string[] {
    return readdirSync(this.#workers).flatMap((name) => (name.endsWith(".up") ? [name.slice(0, -".up".length)] : []));
  }

  #write(name: string, text: string): void {
    const path = join(this.path, name);
    writeFileSync(`${path}.${process.pid}.new`, text);
    renameSync(`${path}.${process.pid}.new`, path);
  }

  get #workers(): string {
    return join(this.path, "workers");
  }

  #file(id: string, kind: string): string {
    return join(this.#workers, `${id}.${kind}`);
  }
}

function sessionOf(id: string): string {
  return idPattern.exec(id)?.[1] ?? "";
}

/** As a shell tells it: 128 and the signal's number. */
function exitOf(text: string): Pick<WorkerExit, "code" | "signal"> {
  const code = Number.parseInt(text, 10);
  if (Number.isNaN(code)) return text in constants.signals ? { signal: text } : {};
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined ? { code } : { signal };
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
