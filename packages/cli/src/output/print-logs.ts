import { logFrames } from "@skyburst/core/protocol";
import type { LogFrame, LogPiece } from "@skyburst/core/protocol";
import { JsonText } from "./json-text.ts";
import { LineGatherer } from "./line-gatherer.ts";
import { writeTo } from "./stream-output.ts";

/** What tasks wrote to stdout goes to stdout, anything else to stderr; byte for byte. */
export async function printLogs(pieces: AsyncIterable<LogPiece> | Iterable<LogPiece>): Promise<void> {
  for await (const piece of pieces) await printFrames(await piece.frames());
}

/** The same of tasks that write at the same time: a line is printed when it is whole. */
export async function printLogLines(pieces: AsyncIterable<LogPiece>): Promise<void> {
  const lines = new LineGatherer();
  /** By task: the attempt that was printed last. One that died does not end its line. */
  const attempts = new Map<number, string>();
  const end = async (attempt: string) => {
    for (const channel of [1, 2, 3] as const)
      for (const bytes of lines.end(`${attempt}.${channel}`)) await printFrames([{ channel, bytes }]);
  };
  for await (const { task, t, e, attempt: number, ends, frames } of pieces) {
    const attempt = `${task}.${t}.${e}.${number}`;
    const before = attempts.get(task);
    if (before !== undefined && before !== attempt) await end(before);
    for (const { channel, bytes } of await frames())
      for (const whole of lines.take(`${attempt}.${channel}`, bytes)) await printFrames([{ channel, bytes: whole }]);
    if (ends) await end(attempt);
    if (ends) attempts.delete(task);
    else attempts.set(task, attempt);
  }
  for (const attempt of attempts.values()) await end(attempt);
}

/** The same of a log, or a part of it, as it is stored. */
export function printLog(bytes: Uint8Array): Promise<void> {
  return printFrames(logFrames(bytes));
}

async function printFrames(frames: Iterable<LogFrame>): Promise<void> {
  for (const { channel, bytes } of frames) await writeTo(channel === 1 ? process.stdout : process.stderr, bytes);
}

const channels = { 1: "stdout", 2: "stderr", 3: "log" } as const;

/** A line of JSON for each stretch of output. Bytes that are no text are told in base64. */
export async function printLogsAsJson(pieces: AsyncIterable<LogPiece>): Promise<void> {
  const texts = new JsonText();
  const print = (of: object, told: object) => writeTo(process.stdout, `${JSON.stringify({ ...of, ...told })}\n`);
  for await (const { task, index, attempt, t, e, frames } of pieces) {
    for (const { channel, bytes } of await frames()) {
      // An attempt whose worker died is no failure of the task's, and what runs again has its number.
      const again = e > 1 ? { epoch: e } : {};
      const of = { task, index, attempt, ...again, channel: channels[channel] };
      for (const told of texts.take(`${task}.${t}.${e}.${channel}`, of, bytes)) await print(of, told);
    }
  }
  for (const [of, told] of texts.rest()) await print(of, told);
}
