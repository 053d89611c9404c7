import { debugging } from "./debugging.ts";
import { CliError } from "./errors.ts";
import { watch } from "./output/stream-output.ts";

/**
 * Says what went wrong in one line on stderr, and tells the exit code for it. A stack is shown only to who asks for it by
 * `DEBUG=skyburst`.
 */
export function reportError(error: unknown): number {
  if (error instanceof CliError && error.code === "pipe") return error.exitCode;
  watch(process.stderr);
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`skyburst: ${oneLine(text)}\n`);
  if (debugging() && error instanceof Error) process.stderr.write(`${stackOf(error)}\n`);
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? (exitCodes.get(code) ?? nothingRan) : nothingRan;
}

/** What could not even start. */
const nothingRan = 125;

/** Codes of core's errors: what the user gave, and what has to be resumed. */
const exitCodes: ReadonlyMap<string, number> = new Map([
  ["option", 2],
  ["task", 2],
  ["input", 2],
  ["session", 2],
  ["paused", 4],
]);

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, " ");
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
