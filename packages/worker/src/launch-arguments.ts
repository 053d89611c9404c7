import { read } from "node:fs";

/** Whoever starts a worker ahead tells it what to do within this time, in milliseconds, or never will. */
const longestWait = 20_000;

/**
 * Arguments of this process, or those that it is told on its standard input, where it was started before they were known. undefined:
 * nobody told it anything, and it is no worker.
 */
export async function launchArguments(argv: readonly string[]): Promise<readonly string[] | undefined> {
  if (argv[0] !== "--arguments=stdin") return argv;
  // Not by process.stdin, which takes longer to load than all else here.
  // Not by process.exit, which waits for the thread that reads: whoever tells it later has to see that nobody is there.
  const waiting = setTimeout(() => process.kill(process.pid, "SIGKILL"), longestWait);
  const text = await wholeInput();
  clearTimeout(waiting);
  return told(text);
}

/** Whoever dies while it tells leaves a line without an end. */
function told(text: string): readonly string[] | undefined {
  return text.endsWith("\n") ? (JSON.parse(text) as readonly string[]) : undefined;
}

function wholeInput(): Promise<string> {
  const pieces: Buffer[] = [];
  const buffer = Buffer.alloc(16_384);
  return new Promise((resolve, reject) => {
    const next = () =>
      read(0, buffer, 0, buffer.length, null, (error, count) => {
        if (error) reject(error);
        else if (count === 0) resolve(Buffer.concat(pieces).toString());
        else {
          pieces.push(Buffer.from(buffer.subarray(0, count)));
          next();
        }
      });
    next();
  });
}
