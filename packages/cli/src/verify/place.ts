import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { attachSession, findSession } from "@skyburst/core";
import type { Backend, SessionEvent, StateStore, WorkerSpec } from "@skyburst/core";
import { randomText, systemRuntime } from "@skyburst/core/protocol";
import { typed } from "../typed.ts";
import { runSkyburst } from "./child.ts";
import type { Ended } from "./child.ts";
import type { JobRun } from "./job-run.ts";
import { leftBehind } from "./left-behind.ts";

/** Where jobs are run, and how. */
export interface PlaceOptions {
  readonly backend: Backend;
  readonly store: StateStore;
  /** What workers are made of where a job does not say. */
  readonly spec: WorkerSpec;
  /** Options of all commands by which they find store and configuration. */
  readonly storeArgs: readonly string[];
  /** Options of jobs: `--backend`, `--image` and so on. */
  readonly jobArgs: readonly string[];
  /** Options of those that run a command. */
  readonly commandArgs: readonly string[];
  /** For files of this process, as inputs. */
  readonly directory: string;
  /** Longest time of one job, in milliseconds. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

export interface JobCommand {
  /** `run`, `map` or `each`. */
  readonly command: "run" | "map" | "each";
  /** Its own options, behind those of the place: the last one counts. */
  readonly options?: readonly string[];
  /** What stands behind them. */
  readonly words: readonly string[];
  /** Also follow its logs by a process of their own. Default false: `run` and `each` print them. */
  readonly follow?: boolean;
  /** What is done to its session when its first output is there. */
  readonly disturb?: (session: string) => Promise<void>;
}

export class Place {
  readonly options: PlaceOptions;

  constructor(options: PlaceOptions) {
    this.options = options;
  }

  get directory(): string {
    return this.options.directory;
  }

  /** Workers that could start now, if they were made of this instead of what the place says. */
  async room(spec: WorkerSpec = {}): Promise<number> {
    const { backend, spec: usual } = this.options;
    return (await backend.capacity?.({ ...usual, ...spec })) ?? backend.capabilities.maxWorkers;
  }

  /** Whether the backend can be asked for workers with so much of it. */
  takes(field: keyof WorkerSpec): boolean {
    return this.options.backend.capabilities.spec.includes(field);
  }

  /** Runs a job by the command itself, and gathers what is known of it afterwards. `job`: what its session is called after. */
  async run(job: string, { command, options = [], words, follow = false, disturb }: JobCommand): Promise<JobRun> {
    const { storeArgs, jobArgs, commandArgs, store, backend } = this.options;
    const name = `verify-${job}-${randomText(systemRuntime, 6)}`;
    const events = join(this.directory, `${name}.events.jsonl`);
    const given = [...storeArgs, ...jobArgs, ...(command === "map" ? [] : commandArgs)];
    const own = [...options, ...words];
    const args = [command, ...given, "--name", name, "--keep", "--quiet", "--events", events, ...own];
    let disturbed: Promise<void> | undefined;
    const begun = () => {
      disturbed = findSession(store, name).then(disturb);
    };
    const running = this.#skyburst(args, disturb && begun);
    const logs = follow ? this.#follow(name, events, running) : undefined;
    const ended = await running;
    await disturbed;
    const id = await findSession(store, name).catch(() => undefined);
    const status = id === undefined ? undefined : await (await attachSession(store, id)).status();
    return {
      ...ended,
      name,
      typed: typed([command, ...given, ...own], {}),
      events: await recorded(events),
      session: id === undefined || status === undefined ? undefined : { id, status },
      left: id === undefined ? { found: [] } : await leftBehind(backend, id),
      logs: await logs,
    };
  }

  /** What tasks of the session with this name wrote, as it is stored. */
  logs(name: string, ...options: readonly string[]): Promise<Ended> {
    return this.#skyburst(["logs", name, ...this.options.storeArgs, ...options]);
  }

  /** What its tasks wrote, printed by a process that comes when the session is there and leaves when it is over. */
  async #follow(name: string, events: string, running: Promise<Ended>): Promise<Ended> {
    let over = false;
    const note = () => {
      over = true;
    };
    running.then(note, note);
    while (!over && (await recorded(events)).length === 0) await systemRuntime.sleep(50);
    return await this.logs(name, "--follow");
  }

  #skyburst(args: readonly string[], begun?: () => void): Promise<Ended> {
    const { patience, signal } = this.options;
    return runSkyburst(args, { patience, signal, begun });
  }
}

/** Lines of a record that may not be there yet, or whose last line is being written. */
async function recorded(path: string): Promise<readonly SessionEvent[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as SessionEvent);
}
