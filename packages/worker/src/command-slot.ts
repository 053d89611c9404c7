import type { Json } from "@skyburst/core";
import type { TaskSpec } from "@skyburst/core/protocol";
import type { Command, CommandResult, CommandSlot } from "./command/command.ts";
import { WorkerError } from "./errors.ts";
import { encodeLine } from "./line.ts";
import { substitute } from "./substitute.ts";
import { offsetAt, offsetCount } from "./slot.ts";
import type { Assignment, AssignmentEnd, Report, RunSignals, Slot } from "./slot.ts";

type CommandSpec = Extract<TaskSpec, { kind: "command" }>;

/** Runs assignments of commands, one after the other. The commands of the next may follow without a pause. */
export function commandTaskSlot(commands: CommandSlot, stdin: (sha256: string) => Promise<string>): Slot {
  const room = new Room(commands.ahead + 1);
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(assignment, report, signals) {
      const run = new Run(commands, room, assignment, report, signals);
      const end = last.then(() => run.giveAll(stdin)).then(() => run.end());
      // A second assignment may be ready before the first one ended.
      last = run.given.catch(() => undefined);
      return end;
    },
    close: () => commands.close(),
  };
}

/** One assignment on its way through the slot. */
class Run {
  readonly given: Promise<void>;
  #allGiven: () => void = ignore;
  readonly #commands: CommandSlot;
  readonly #room: Room;
  readonly #assignment: Assignment;
  readonly #report: (report: Report) => void;
  readonly #signals: RunSignals;
  readonly #running = new Set<Promise<void>>();
  readonly #unstarted: number[] = [];
  readonly #aborted: number[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(
    commands: CommandSlot,
    room: Room,
    assignment: Assignment,
    report: (report: Report) => void,
    signals: RunSignals,
  ) {
    this.#commands = commands;
    this.#room = room;
    this.#assignment = assignment;
    this.#report = report;
    this.#signals = signals;
    this.given = new Promise((resolve) => (this.#allGiven = resolve));
  }

  async giveAll(stdin: (sha256: string) => Promise<string>): Promise<void> {
    const recall = () => this.#commands.recall();
    const { signal, drain } = this.#signals;
    signal.addEventListener("abort", recall);
    drain.addEventListener("abort", recall);
    try {
      await this.#give(stdin);
      this.#allGiven();
      await Promise.all(this.#running);
    } finally {
      this.#allGiven();
      signal.removeEventListener("abort", recall);
      drain.removeEventListener("abort", recall);
    }
  }

  end(): AssignmentEnd {
    if (this.#failure) throw this.#failure.error;
    return { unstarted: this.#unstarted, aborted: this.#aborted };
  }

  async #give(stdin: (sha256: string) => Promise<string>): Promise<void> {
    const { offsets, inputs, submission } = this.#assignment;
    const count = offsetCount(offsets);
    const lines = decoder.decode(inputs.lines).split("\n");
    const spec = submission.task as CommandSpec;
    const stdinFile = spec.stdin === undefined ? undefined : await stdin(spec.stdin);
    for (let position = 0; position < count; position++) {
      if (!this.#room.isFree) await this.#room.free();
      if (this.#stops) {
        this.#unstarted.push(...from(position, count));
        return;
      }
      try {
        this.#start(position, commandOf(spec, JSON.parse(lines[position] ?? "null") as Json, stdinFile));
      } catch (error) {
        this.#report(refused(position, error));
      }
    }
  }

  get #stops(): boolean {
    return this.#signals.signal.aborted || this.#signals.drain.aborted || this.#failure !== undefined;
  }

  #start(position: number, command: Command): void {
    this.#room.take();
    const running = this.#runOne(position, command).then(() => {
      this.#running.delete(running);
      this.#room.giveBack();
    });
    this.#running.add(running);
  }

  async #runOne(position: number, command: Command): Promise<void> {
    const { timeout, grace } = this.#assignment.submission.options;
    const output = {
      onData: (channel: 1 | 2, bytes: Uint8Array) => this.#report({ kind: "log", position, channel, bytes }),
    };
    const options = { signal: this.#signals.signal, grace, output, ...(timeout === undefined ? {} : { timeout }) };
    try {
      for (;;) {
        const result = await this.#commands.run(command, options);
        if (!result.aborted) this.#report(outcome(this.#assignment, position, command, result));
        else if (result.started) this.#aborted.push(position);
        else if (this.#stops) this.#unstarted.push(position);
        // Taken back for the sake of another assignment.
        else continue;
        return;
      }
    } catch (error) {
      if (!(error instanceof WorkerError && error.code === "lost")) {
        this.#failure ??= { error };
        return;
      }
      this.#report({
        kind: "failed",
        position,
        error: { name: error.name, message: error.message, code: error.code },
        blame: "infrastructure",
        seconds: 0,
      });
    }
  }
}

/** How many commands the slot takes at a time, over all assignments. */
class Room {
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

function outcome(
  { index, task, offsets, attempts }: Assignment,
  position: number,
  command: Command,
  result: CommandResult,
): Report {
  const { code, signal, seconds, timedOut } = result;
  const item = { offset: offsetAt(offsets, position), attempt: attempts?.[position] ?? 1 };
  const rounded = Math.round(seconds * 1e6) / 1e6;
  if (code === 0 && !timedOut) {
    const bytes = encodeLine({ index, task }, item, { status: "succeeded", value: { code }, seconds: rounded });
    return { kind: "lines", position, count: 1, bytes };
  }
  const name = command.argv[0] ?? "";
  const how = timedOut
    ? `ran longer than its limit`
    : signal === undefined
      ? `exited with code ${code}`
      : `was ended by ${signal}`;
  const error = {
    name: "CommandError",
    message: `${name} ${how}`,
    ...(code === undefined ? {} : { code }),
    ...(signal === undefined ? {} : { signal }),
  };
  return { kind: "failed", position, error, blame: timedOut ? "timeout" : "user", seconds: rounded };
}

function refused(position: number, error: unknown): Report {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", position, error: { name: "CommandError", message, code: 127 }, blame: "user", seconds: 0 };
}

const decoder = new TextDecoder();

function ignore(): void {
  // Replaced by the promise's own function before anybody can call it.
}
