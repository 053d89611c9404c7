import { CliError } from "../errors.ts";

const watched = new WeakSet<NodeJS.WritableStream>();

/**
 * Writes bytes as they are, and resolves when the reader has taken them: a slow reader slows the job down, not memory up.
 *
 * @throws {CliError} `pipe` when nobody reads any more.
 */
export function writeTo(stream: NodeJS.WritableStream, bytes: Uint8Array | string): Promise<void> {
  watch(stream);
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (!error) resolve();
      else
        reject(isClosed(error) ? new CliError("pipe", "Nobody reads the output any more.", { cause: error }) : error);
    });
  });
}

/** Each write hears of its own failure; without a listener the stream's event would end the process with a stack. */
export function watch(stream: NodeJS.WritableStream): void {
  if (watched.has(stream)) return;
  watched.add(stream);
  stream.on("error", () => undefined);
}

function isClosed(error: Error): boolean {
  return (
    "code" in error &&
    (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" || error.code === "ERR_STREAM_WRITE_AFTER_END")
  );
}
