import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { streamChannel } from "./channel.ts";

/**
 * Delivers a child's output, and resolves when the child has ended and its pipe is at its end, or quiet. A grandchild in the
 * background may hold the pipe open for ever: what it writes later is dropped.
 */
export function lastBytes(
  stream: Readable | null,
  child: ChildProcess,
  deliver: (bytes: Buffer) => void | Promise<void>,
): Promise<void> {
  if (stream === null) return Promise.resolve();
  const channel = streamChannel(stream);
  let exited: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      resolve(channel.finish().then(() => channel.discard()));
    };
    const waitForQuiet = () => {
      clearTimeout(timer);
      if (exited === undefined) return;
      timer = setTimeout(finish, Math.min(QUIET, exited + LONGEST - performance.now()));
    };
    channel.attach((bytes) => {
      waitForQuiet();
      return deliver(bytes);
    });
    stream.once("close", finish);
    child.once("exit", () => {
      exited = performance.now();
      waitForQuiet();
    });
  });
}

/** Milliseconds: the child is gone, so its own bytes lie in the pipe already. */
const QUIET = 100;
/** Milliseconds: a grandchild that never falls silent. */
const LONGEST = 1_000;
