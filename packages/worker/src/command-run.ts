import type { Json } from "@skyburst/core";
import type { TaskSpec } from "@skyburst/core/protocol";
import type { Command, CommandResult, CommandSlot, RunOptions } from "./command/command.ts";
import { failed, lost, refused, Successes } from "./command-outcome.ts";
import { WorkerError } from "./errors.ts";
import type { MemoryKills } from "./memory/memory-kills.ts";
import { offsetCount } from "./slot.ts";
import type { Assignment, AssignmentEnd, RunSignals, Tell } from "./slot.ts";
import { substitute } from "./substitute.ts";
import { unprepared } from "./unprepared.ts";

type CommandSpec = Extract<TaskSpec, { kind: "command" }>;

export interface CommandRunOptions {
  readonly commands: CommandSlot;
  readonly room: Room;
  readonly memoryKills: MemoryKills;
  /** Path of the file with these bytes. */
  readonly stdin: (sha256: string) => Promise<string>;
  readonly assignment: Assignment;
  readonly report: Tell;
  readonly signals: RunSignals;
}

/** One assignment on its way through the slot. */
export class CommandRun {
  /** Resolves when the slot has all its commands, or will get no more. */
  readonly given: Promise<void>;
  readonly #options: CommandRunOptions;
  readonly #successes: Successes;
  #running = 0;
  #allEnded: () => void = ignore;
  readonly #unstarted: number[] = [];
  readonly #aborted: number[] = [];
  #allGiven: () => void = ignore;
  #stdinFile: string | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: CommandRunOptions) {
    this.#options = options;
    this.#successes = new Successes(options.assignment, options.report);
    this.given = new Promise((resolve) => (this.#allGiven = resolve));
  }

  async run(): Promise<AssignmentEnd> {
    const { commands, signals, assignment, report, stdin } = this.#options;
    const { task } = assignment.submission;
    try {
      const input = task.kind === "command" ? task.stdin : undefined;
      this.#stdinFile = input === undefined ? undefined : await stdin(input);
    } catch (error) {
      this.#allGiven();
      return unprepared(error, assignment, report);
    }
    const recall = () => commands.recall();
    for (const signal of [signals.signal, signals.drain]) signal.addEventListener("abort", recall);
    try {
      await this.#give();
      this.#allGiven();
      if (this.#running > 0) await new Promise<void>((resolve) => (this.#allEnded = resolve));
    } finally {
      this.#allGiven();
      for (const signal of [signals.signal, signals.drain]) signal.removeEventListener("abort", recall);
    }
    if (this.#failure) throw this.#failure.error;
    this.#successes.flush();
    return { unstarted: this.#unstarted, aborted: this.#aborted };
  }

  async #give(): Promise<void> {
    const { room, assignment } = this.#options;
    const { offsets, inputs, submission } = assignment;
    const count = offsetCount(offsets);
    const lines = decoder.decode(inputs.lines).split("\n");
    const spec = submission.task as CommandSpec;
    for (let position = 0; position < count; position++) {
      if (!room.isFree) await room.free();
      if (this.#stops) {
        this.#unstarted.push(...from(position, count));
        return;
      }
      try {
        this.#start(position, commandOf(spec, JSON.parse(lines[position] ?? "null") as Json, this.#stdinFile));
      } catch (error) {
        void this.#options.report(refused(position, error));
      }
    }
  }

  get #stops(): boolean {
    const { signal, drain } = this.#options.signals;
    return signal.aborted || drain.aborted || this.#failure !== undefined;
  }

  #start(position: number, command: Command): void {
    const { room, report, assignment, signals } = this.#options;
    const { timeout, grace } = assignment.submission.options;
    const output = { onData: (channel: 1 | 2, bytes: Uint8Array) => report({ kind: "log", position, channel, bytes }) };
    const options = { signal: signals.signal, grace, output, ...(timeout === undefined ? undefined : { timeout }) };
    room.take();
    this.#running++;
    void this.#runOne(position, command, options);
  }

  async #runOne(position: number, command: Command, options: RunOptions): Promise<void> {
    const { commands, room } = this.#options;
    try {
      while (!this.#ended(position, command, await commands.run(command, options)));
    } catch (error) {
      if (error instanceof WorkerError && error.code === "lost") void this.#options.report(lost(position, error));
      else this.#failure ??= { error };
    }
    room.giveBack();
    if (--this.#running === 0) this.#allEnded();
  }

  /** false: it was taken back for the sake of another assignment. */
  #ended(position: number, command: Command, result: CommandResult): boolean {
    const { memoryKills, report } = this.#options;
    if (result.code === 0 && !result.timedOut && !result.aborted) this.#successes.add(position, result.seconds);
    else if (!result.aborted) void report(failed(position, command, result, () => memoryKills.take()));
    else if (result.started) this.#aborted.push(position);
    else if (this.#stops) this.#unstarted.push(position);
    else return false;
    return true;
  }
}

/** How many commands the slot takes at a time, over all assignments. */
export class Room {
  #free: number;
  #waiting: (() => void) | undefined;

  constructor(size: number) {
    this.#free = size;
  }

  get isFree(): boolean {
    return this.#free > 0;
  }

  /** One waits at a time: assignments give their commands one after the other. */
  free(): Promise<void> {
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  take(): void {
    this.#free--;
  }

  giveBack(): void {
    this.#free++;
    this.#waiting?.();
    this.#waiting = undefined;
  }
}

function from(position: number, count: number): number[] {
  return Array.from({ length: count - position }, (_, n) => position + n);
}

function commandOf(
  { argv, substitute: fill, cwd, env }: CommandSpec,
  input: Json,
  stdinFile: string | undefined,
): Command {
  return {
    argv: fill ? substitute(argv, input) : argv,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(stdinFile === undefined ? {} : { stdinFile }),
  };
}

const decoder = new TextDecoder();

function ignore(): void {
  // Replaced by the promise's own function before anybody can call it.
}
