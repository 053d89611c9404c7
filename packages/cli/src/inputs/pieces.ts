import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** Small enough that the launch of workers, which goes on meanwhile, is not held up. */
const pieceSize = 262_144;

/** What is kept free before a piece, for the beginning of its first line. */
const room = 65_536;

const newline = 10;

/**
 * A file in pieces of whole lines, the last one ended by a newline as well; a byte order mark is left out. A piece is valid
 * until the next is asked for: two of them take turns, and one is read while the other is worked on.
 */
export async function* filePieces(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    yield* wholeLines(chunks(file));
  } finally {
    await file.close();
  }
}

/** The same of a stream, which gives a memory of its own to each. */
export function streamPieces(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  return wholeLines(roomless(stream));
}

/** Bytes from `start` to `end`, with some to spare before them. */
interface Chunk {
  readonly memory: Buffer;
  readonly start: number;
  readonly end: number;
}

async function* chunks(file: FileHandle): AsyncGenerator<Chunk> {
  const memories = [Buffer.allocUnsafeSlow(room + pieceSize), Buffer.allocUnsafeSlow(room + pieceSize)] as const;
  const read = async (memory: Buffer): Promise<Chunk> => {
    const { bytesRead } = await file.read(memory, room, pieceSize);
    return { memory, start: room, end: room + bytesRead };
  };
  let reading = read(memories[0]);
  for (let n = 1; ; n++) {
    const chunk = await reading;
    if (chunk.end === chunk.start) return;
    reading = read(memories[n % 2] ?? memories[0]);
    // Who stops early does not wait for it, and has no use for its failure.
    reading.catch(() => undefined);
    yield chunk;
  }
}

async function* roomless(stream: AsyncIterable<Buffer>): AsyncGenerator<Chunk> {
  for await (const memory of stream) yield { memory, start: 0, end: memory.length };
}

async function* wholeLines(source: AsyncIterable<Chunk>): AsyncGenerator<Buffer> {
  /** The beginning of a line, in one part unless it is longer than a piece. */
  let rest: Buffer[] = [];
  let first = true;
  for await (const chunk of source) {
    const text = first ? withoutMark(chunk) : chunk;
    first = false;
    const end = text.memory.subarray(0, text.end).lastIndexOf(newline) + 1;
    if (end <= text.start) {
      rest.push(Buffer.from(text.memory.subarray(text.start, text.end)));
      continue;
    }
    // Copied: its place will be taken.
    const next = Buffer.from(text.memory.subarray(end, text.end));
    yield joined(rest, { ...text, end });
    rest = next.length > 0 ? [next] : [];
  }
  if (rest.length > 0) yield Buffer.concat([...rest, Buffer.from("\n")]);
}

/** Put in front where there is room for it. */
function joined(rest: readonly Buffer[], { memory, start, end }: Chunk): Buffer {
  const [only] = rest;
  if (!only) return memory.subarray(start, end);
  if (rest.length > 1 || only.length > start) return Buffer.concat([...rest, memory.subarray(start, end)]);
  only.copy(memory, start - only.length);
  return memory.subarray(start - only.length, end);
}

function withoutMark({ memory, start, end }: Chunk): Chunk {
  const marked = memory[start] === 0xef && memory[start + 1] === 0xbb && memory[start + 2] === 0xbf;
  return { memory, start: marked ? start + 3 : start, end };
}
