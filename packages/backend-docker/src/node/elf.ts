import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

/** What a program or a library says of itself. */
export interface Elf {
  /** The processors that it is for, by ELF's number. */
  readonly machine: number;
  /** The loader that it asks for; undefined for a library, and for a program that needs none. */
  readonly loader: string | undefined;
  /** Names of the libraries that it needs. */
  readonly needed: readonly string[];
}

const LOAD = 1;
const DYNAMIC = 2;
const INTERPRETER = 3;
const NEEDED = 1;
const STRINGS = 5;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** Reads the headers of a file in the 64-bit format of Linux. undefined: it is none. Nothing of it is run. */
export async function readElf(path: string): Promise<Elf | undefined> {
  const file = await open(path);
  try {
    const header = await read(file, 0, 64);
    // 64 bits, lowest byte first: what amd64 and arm64 have.
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
      return undefined;
    const segments = await segmentsOf(file, header);
    const dynamic = segments.find(({ type }) => type === DYNAMIC);
    const interpreter = segments.find(({ type }) => type === INTERPRETER);
    return {
      machine: header.readUInt16LE(18),
      loader: interpreter && textAt(await read(file, interpreter.offset, interpreter.size), 0),
      needed: dynamic ? await neededBy(file, segments, dynamic) : [],
    };
  } finally {
    await file.close();
  }
}

async function segmentsOf(file: FileHandle, header: Buffer): Promise<readonly Segment[]> {
  const [start, size, count] = [wide(header, 32), header.readUInt16LE(54), header.readUInt16LE(56)];
  const table = await read(file, start, size * count);
  return Array.from({ length: Math.floor(table.length / size) }, (_, n) => {
    const one = table.subarray(n * size);
    return { type: one.readUInt32LE(0), offset: wide(one, 8), address: wide(one, 16), size: wide(one, 32) };
  });
}

async function neededBy(file: FileHandle, segments: readonly Segment[], { offset, size }: Segment): Promise<string[]> {
  const table = await read(file, offset, size);
  const entries = Array.from({ length: Math.floor(table.length / 16) }, (_, n) => ({
    tag: wide(table, n * 16),
    value: wide(table, n * 16 + 8),
  }));
  const address = entries.find(({ tag }) => tag === STRINGS)?.value ?? 0;
  const holder = segments.find(
    (one) => one.type === LOAD && address >= one.address && address < one.address + one.size,
  );
  if (!holder) return [];
  const strings = await read(file, address - holder.address + holder.offset, mostStrings);
  return entries.filter(({ tag }) => tag === NEEDED).map(({ value }) => textAt(strings, value));
}

/** More names than any program has. */
const mostStrings = 2 ** 24;

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
  await file.read(buffer, 0, buffer.length, position);
  return buffer;
}

function wide(buffer: Buffer, at: number): number {
  return Number(buffer.readBigUInt64LE(at));
}

function textAt(buffer: Buffer, at: number): string {
  const end = buffer.indexOf(0, at);
  return buffer.toString("latin1", at, end < 0 ? buffer.length : end);
}
