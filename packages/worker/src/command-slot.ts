import type { Json } from "@skyburst/core";
import type { TaskSpec } from "@skyburst/core/protocol";
import type { Command, CommandResult, CommandSlot } from "./command/command.ts";
import { WorkerError } from "./errors.ts";
import { encodeLine } from "./line.ts";
import { substitute } from "./substitute.ts";
import { offsetAt, offsetCount } from "./slot.ts";
import type { Assignment, AssignmentEnd, Report, RunSignals, Slot } from "./slot.ts";

type CommandSpec = Extract<TaskSpec, { kind: "command" }>;

/** Runs assignments of commands, one after the other. */
export function commandTaskSlot(commands: CommandSlot, stdin: (sha256: string) => Promise<string>): Slot {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(assignment, report, signals) {
      // A second assignment may be ready before the first one ended.
      const run = last.then(() => runAll(commands, stdin, assignment, report, signals));
      last = run.catch(() => undefined);
      return run;
    },
    close: () => commands.close(),
  };
}

async function runAll(
  commands: CommandSlot,
  stdin: (sha256: string) => Promise<string>,
  assignment: Assignment,
  report: (report: Report) => void,
  { signal, drain }: RunSignals,
): Promise<AssignmentEnd> {
  const { offsets, inputs, submission } = assignment;
  const count = offsetCount(offsets);
  const lines = decoder.decode(inputs.lines).split("\n");
  const spec = submission.task as CommandSpec;
  const stdinFile = spec.stdin === undefined ? undefined : await stdin(spec.stdin);
  for (let position = 0; position < count; position++) {
    if (signal.aborted || drain.aborted) return { unstarted: from(position, count), aborted: [] };
    let command: Command;
    try {
      command = commandOf(spec, JSON.parse(lines[position] ?? "null") as Json, stdinFile);
    } catch (error) {
      report(refused(position, error));
      continue;
    }
    const result = await runOne(commands, command, assignment, position, report, signal).catch((error: unknown) => {
      if (!(error instanceof WorkerError && error.code === "lost")) throw error;
      report({
        kind: "failed",
        position,
        error: { name: error.name, message: error.message, code: error.code },
        blame: "infrastructure",
        seconds: 0,
      });
    });
    if (!result) continue;
    if (result.aborted) return { unstarted: from(position + 1, count), aborted: [position] };
    report(outcome(assignment, position, command, result));
  }
  return { unstarted: [], aborted: [] };
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

function runOne(
  commands: CommandSlot,
  command: Command,
  { submission }: Assignment,
  position: number,
  report: (report: Report) => void,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { timeout, grace } = submission.options;
  const output = { onData: (channel: 1 | 2, bytes: Uint8Array) => report({ kind: "log", position, channel, bytes }) };
  return commands.run(command, { signal, grace, output, ...(timeout === undefined ? {} : { timeout }) });
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
