import { laneLimit, sliceLimit } from "./slice.ts";

/**
 * The memory that a thread shares with its slot: what runs and since when, and every result and log that has not left by
 * message yet. So the slot sees what a blocked thread does, and a killed thread takes nothing finished with it.
 *
 * Lines and logs fill up until the thread posts a copy of both, which ends a generation. The lengths of the next
 * generation are other cells than those of the last one, so whenever the thread dies, the generation tells whether what
 * lies here was posted.
 */
export interface Board {
  readonly cells: Int32Array;
  /** Position that each lane runs, or -1. */
  readonly positions: Int32Array;
  /** `performance.now()` of the thread at which it began. */
  readonly since: Float64Array;
  readonly lines: Uint8Array;
  readonly logs: Uint8Array;
}

/** Index in `cells`. */
export const cell = {
  generation: 0,
  /** Bytes of lines: this cell in even generations, the next one in odd ones. */
  lines: 1,
  logs: 3,
  /** The slice that the lanes and bytes belong to. */
  slice: 5,
  /** 1 while a program loads. */
  loading: 6,
  /** 1 when the thread is about to end itself and has reported whom to blame. */
  explained: 7,
  /** The newest warning that the thread's event loop has taken notice of. */
  heard: 8,
  /** Bytes of logs that the slot has passed on, over the life of the thread; it wraps. */
  taken: 9,
  /** From here on, one cell per slice in flight: holds the slice's number when it shall start nothing more. */
  stops: 10,
} as const;

export const stopCell = (slice: number) => cell.stops + (slice % sliceLimit);

/** Room for several results at the inline limit. */
const linesCapacity = 1_250_000;
const logsCapacity = 256 * 1024;

export interface BoardMemory {
  readonly lanes: SharedArrayBuffer;
  readonly lines: SharedArrayBuffer;
  readonly logs: SharedArrayBuffer;
}

const cellCount = cell.stops + sliceLimit + 1;

export function createBoardMemory(): BoardMemory {
  const memory = {
    lanes: new SharedArrayBuffer(laneLimit * 12 + cellCount * 4),
    lines: new SharedArrayBuffer(linesCapacity),
    logs: new SharedArrayBuffer(logsCapacity),
  };
  openBoard(memory).positions.fill(-1);
  return memory;
}

export function openBoard(memory: BoardMemory): Board {
  return {
    since: new Float64Array(memory.lanes, 0, laneLimit),
    positions: new Int32Array(memory.lanes, laneLimit * 8, laneLimit),
    cells: new Int32Array(memory.lanes, laneLimit * 12),
    lines: new Uint8Array(memory.lines),
    logs: new Uint8Array(memory.logs),
  };
}
