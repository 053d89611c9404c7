import { open } from "node:fs/promises";

/** Small enough that the launch of workers, which goes on meanwhile, is not held up. */
const pieceSize = 262_144;

const newline = 10;

/** A file in pieces of whole lines, the last one ended by a newline as well; a byte order mark is left out. */
export async function* filePieces(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    yield* wholeLines(chunks((buffer, offset) => file.read(buffer, offset, buffer.length - offset)));
  } finally {
    await file.close();
  }
}

/** The same of a stream. */
export function streamPieces(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  return wholeLines(stream);
}

type Read = (buffer: Buffer, offset: number) => Promise<{ readonly bytesRead: number }>;

/** The next chunk is read while the last one is worked on. */
async function* chunks(read: Read): AsyncGenerator<Buffer> {
  const next = async () => {
    const buffer = Buffer.allocUnsafeSlow(pieceSize);
    const { bytesRead } = await read(buffer, 0);
    return buffer.subarray(0, bytesRead);
  };
  for (let reading = next(); ;) {
    const chunk = await reading;
    if (chunk.length === 0) return;
    reading = next();
    // Who stops early does not wait for it, and has no use for its failure.
    reading.catch(() => undefined);
    yield chunk;
  }
}

async function* wholeLines(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let first = true;
  for await (const read of source) {
    const chunk = first ? withoutMark(read) : read;
    first = false;
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      rest.push(chunk);
      continue;
    }
    yield rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...rest, chunk.subarray(0, end)]);
    rest = end < chunk.length ? [chunk.subarray(end)] : [];
  }
  if (rest.length > 0) yield Buffer.concat([...rest, Buffer.from("\n")]);
}

function withoutMark(chunk: Buffer): Buffer {
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
}
