import type { Command, CommandResult } from "./command/command.ts";
import type { WorkerError } from "./errors.ts";
import type { MemoryKill } from "./memory/memory-kills.ts";
import { outOfMemory } from "./memory/words.ts";
import { offsetAt } from "./slot.ts";
import type { Assignment, Report } from "./slot.ts";

/** Commands that ended with code 0. Those heard of in one go are reported in one: most end after the one before them. */
export class Successes {
  readonly #assignment: Assignment;
  readonly #report: (report: Report) => void;
  #position = 0;
  #count = 0;
  #lines = "";
  #seconds = 0;

  constructor(assignment: Assignment, report: (report: Report) => void) {
    this.#assignment = assignment;
    this.#report = report;
  }

  add(position: number, seconds: number): void {
    if (position !== this.#position + this.#count) this.flush();
    if (this.#count === 0) {
      this.#position = position;
      queueMicrotask(() => this.flush());
    }
    const { index, task, offsets, attempts } = this.#assignment;
    const offset = offsetAt(offsets, position);
    const attempt = attempts?.[position] ?? 1;
    this.#lines += `{"index":${index + offset},"task":${task + offset},"status":"succeeded","value":{"code":0},"attempts":${attempt},"seconds":${rounded(seconds)}}\n`;
    this.#count++;
    this.#seconds += seconds;
  }

  flush(): void {
    if (this.#count === 0) return;
    const bytes = encoder.encode(this.#lines);
    const [position, count, seconds] = [this.#position, this.#count, this.#seconds];
    this.#count = 0;
    this.#lines = "";
    this.#seconds = 0;
    this.#report({ kind: "lines", position, count, bytes, seconds });
  }
}

/** A command that ended otherwise. `takeKill` is asked of one that was killed: whether that was for want of memory. */
export function failed(
  position: number,
  { argv: [name = ""] }: Command,
  result: CommandResult,
  takeKill: () => MemoryKill | undefined,
): Report {
  const { code, signal, seconds, timedOut } = result;
  const kill = !timedOut && (signal === "SIGKILL" || code === killedByShell) ? takeKill() : undefined;
  const how = timedOut
    ? `ran longer than its limit`
    : signal === undefined
      ? `exited with code ${code}`
      : `was ended by ${signal}`;
  const error = {
    name: "CommandError",
    message: `${name} ${how}${kill ? `: ${outOfMemory(kill)}` : ""}`,
    ...(code === undefined ? {} : { code }),
    ...(signal === undefined ? {} : { signal }),
    ...kill,
  };
  const blame = timedOut ? "timeout" : kill ? "oom" : "user";
  return { kind: "failed", position, error, blame, seconds: rounded(seconds) };
}

/** What a shell ends with whose own command was killed. */
const killedByShell = 137;

/** A command of which nobody knows how it would have ended. */
export function lost(position: number, { name, message, code }: WorkerError): Report {
  return { kind: "failed", position, error: { name, message, code }, blame: "infrastructure", seconds: 0 };
}

/** A command that could not be made of its input. */
export function refused(position: number, error: unknown): Report {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", position, error: { name: "CommandError", message, code: 127 }, blame: "user", seconds: 0 };
}

/** To the microsecond. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

const encoder = new TextEncoder();
